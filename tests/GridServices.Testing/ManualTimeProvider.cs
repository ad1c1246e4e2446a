using NodaTime;

namespace GridServices.Testing;

/// <summary>Time that passes only when told to. Timers, delays and timeouts made with it fire inside <see cref="Advance"/>, in the order they are due.</summary>
public sealed class ManualTimeProvider(Instant start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private Instant _now = start;
    private Duration _elapsed = Duration.Zero;

    public ManualTimeProvider()
        : this(Instant.FromUtc(2027, 1, 15, 18, 0))
    {
    }

    public Instant Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    public override long TimestampFrequency => 10_000_000;

    /// <summary>How many timers wait: a test can see that the code under test went to sleep.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsed.BclCompatibleTicks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass, firing what falls due on the way at its own moment.</summary>
    public void Advance(Duration by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, Duration.Zero);
        var until = Read() + by;
        while (NextDue(until) is { } due)
        {
            due();
        }

        lock (_gate)
        {
            Move(until);
        }
    }

    /// <summary>Sets the wall clock alone, as an operator or NTP does; timers and timestamps do not notice.</summary>
    public void JumpTo(Instant now)
    {
        lock (_gate)
        {
            _now = now;
        }
    }

    /// <summary>Waits, in real time, until code under test has gone to sleep on this clock.</summary>
    public Task UntilWaitingAsync(int timers = 1) => Until.HoldsAsync(() => Waiting >= timers, () => Task.FromResult($"Only {Waiting} of {timers} timers were set."));

    private Duration Read()
    {
        lock (_gate)
        {
            return _elapsed;
        }
    }

    private void Move(Duration elapsed)
    {
        if (elapsed > _elapsed)
        {
            _now += elapsed - _elapsed;
            _elapsed = elapsed;
        }
    }

    private Action? NextDue(Duration until)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null)
            {
                return null;
            }

            Move(next.Due);
            next.Rearm();
            return next.Fire;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        internal Duration Due { get; private set; }

        internal void Fire() => callback(state);

        internal void Rearm()
        {
            if (_period > TimeSpan.Zero)
            {
                Due += Duration.FromTimeSpan(_period);
            }
            else
            {
                time._timers.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time._elapsed + Duration.FromTimeSpan(dueTime);
                    time._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
