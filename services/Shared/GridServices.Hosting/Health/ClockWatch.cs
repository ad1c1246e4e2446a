using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Health;

/// <summary>
/// Holds the machine's clock against its monotonic counter each second: schedules, tariffs and signatures all go by the clock, so a jump is an alarm.
/// Its own beat tells liveness that timers and the thread pool work.
/// </summary>
internal sealed partial class ClockWatch : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);

    /// <summary>Smaller steps are what time synchronisation does all day.</summary>
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(1);
    private readonly Meter _meter = new("GridServices.Clock");
    private readonly TimeProvider _time;
    private readonly Liveness _liveness;
    private readonly ILogger _logger;
    private readonly Counter<long> _jumps;
    private readonly Lock _one = new();
    private (DateTimeOffset Wall, long Counter)? _last;
    private long _lastJumpMs;

    public ClockWatch(TimeProvider time, Liveness liveness, ILogger<ClockWatch> logger)
    {
        (_time, _liveness, _logger) = (time, liveness, logger);
        _jumps = _meter.CreateCounter<long>("clock.jumps", description: "Jumps of the machine's clock of more than a second.");
        _meter.CreateObservableGauge("clock.jump.last", () => Interlocked.Read(ref _lastJumpMs) / 1000.0, "s", "The latest jump of the machine's clock, forward positive; 0: none since the start.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = _liveness.Watch("timers", StuckAfter);
        await using var timer = _time.CreateTimer(_ => Tick(beat), null, SharedTick.After(_time, Every), Every);
        Check();
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Tick(LoopBeat beat)
    {
        beat.Beat();
        Check();
    }

    private void Check()
    {
        // On a machine without a processor to spare two ticks may come at once.
        lock (_one)
        {
            var now = (Wall: _time.GetUtcNow(), Counter: _time.GetTimestamp());
            if (_last is { } last)
            {
                Compare(now.Wall - last.Wall - _time.GetElapsedTime(last.Counter, now.Counter));
            }

            _last = now;
        }
    }

    private void Compare(TimeSpan jump)
    {
        if (jump.Duration() > Jump)
        {
            _jumps.Add(1);
            Interlocked.Exchange(ref _lastJumpMs, (long)jump.TotalMilliseconds);
            LogJump(_logger, jump.TotalSeconds);
        }
    }

    [LoggerMessage(EventIds.ClockWatchJump, LogLevel.Error,
        "The machine's clock jumped by {Seconds} s against its monotonic counter (or the machine slept). Schedules follow the new time; check the time synchronisation")]
    private static partial void LogJump(ILogger logger, double seconds);
}
