using System.Collections.Concurrent;
using GridServices.Hosting.Health;
using GridServices.Testing;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Tests.Health;

public sealed class ClockWatchTests
{
    [Theory]
    [InlineData(3600, 1)]
    [InlineData(-3600, 1)]
    [InlineData(2, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0, 0)]
    public async Task A_jump_of_the_clock_against_the_counter_is_an_alarm(double seconds, int alarms)
    {
        using var time = new SettableClock();
        var lines = new Lines();
        using var watch = new ClockWatch(time, new Liveness(time), lines);
        await watch.StartAsync(CancellationToken.None);
        await time.TickAsync();
        time.Set(TimeSpan.FromSeconds(seconds));
        await time.TickAsync();
        await time.TickAsync();
        await watch.StopAsync(CancellationToken.None);
        Assert.Equal(alarms, lines.Count(line => line.Contains("jumped by", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_watch_that_no_longer_ticks_makes_the_process_stuck()
    {
        using var time = new SettableClock();
        var liveness = new Liveness(time);
        using var watch = new ClockWatch(time, liveness, new Lines());
        await watch.StartAsync(CancellationToken.None);
        await time.TickAsync();
        Assert.True(Assert.Single(liveness.Checks()).Ok);
        time.PassWithoutTimers(Duration.FromMinutes(1));
        Assert.False(Assert.Single(liveness.Checks()).Ok);
        await watch.StopAsync(CancellationToken.None);
    }

    /// <summary>A wall clock that can be set, beside a counter that can't; a tick has been handled when its code asked for the time twice more.</summary>
    private sealed class SettableClock : TimeProvider, IDisposable
    {
        private readonly ManualTimeProvider _time = new();
        private readonly SemaphoreSlim _asked = new(0);
        private TimeSpan _offset;
        private Duration _passed;
        private bool _started;

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow()
        {
            _asked.Release();
            return _time.GetUtcNow() + _offset;
        }

        public override long GetTimestamp() => _time.GetTimestamp() + (long)_passed.TotalTicks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _time.CreateTimer(callback, state, dueTime, period);

        public void Dispose() => _asked.Dispose();

        public void Set(TimeSpan by) => _offset += by;

        public void PassWithoutTimers(Duration by) => _passed += by;

        public async Task TickAsync()
        {
            // The first look is that of the start.
            if (_started)
            {
                _time.Advance(Duration.FromSeconds(1));
            }

            _started = true;
            await _asked.WaitAsync();
        }
    }

    private sealed class Lines : ConcurrentQueue<string>, ILogger<ClockWatch>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));
    }
}
