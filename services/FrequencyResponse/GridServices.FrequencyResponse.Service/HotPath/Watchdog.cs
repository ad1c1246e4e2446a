using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;

namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>
/// Steps every pool whose time has come without a sample, on a thread of its own: so a dead meter, a hung poll or a starved
/// thread pool can't keep a response standing.
/// </summary>
internal sealed partial class Watchdog(PoolTable pools, MonotonicClock clock, HotPathOptions options, Liveness liveness, ILogger<Watchdog> log) : IHostedService, IDisposable
{
    private const int LongestWaitMs = 20;

    /// <summary>A ramp asks to be stepped at every moment; finer than this no device follows.</summary>
    private const int ShortestWaitMs = 5;
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);
    private readonly ManualResetEvent _stop = new(false);
    private readonly HashSet<EntryId> _failing = [];
    private Thread? _thread;

    /// <summary>What the kernel granted.</summary>
    public string Priority { get; private set; } = "not started";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { Name = "watchdog", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Set();
        _thread?.Join();
        return Task.CompletedTask;
    }

    public void Dispose() => _stop.Dispose();

    private void Run()
    {
        // Below the receiving threads: a sample goes first.
        Priority = RealTimePriority.TryTake(options.RealTimePriority - 1).Detail;
        using var beat = liveness.Watch("watchdog", StuckAfter);
        do
        {
            beat.Beat();
        }
        while (!_stop.WaitOne(Round()));
    }

    /// <returns>Milliseconds until the next one is due.</returns>
    private int Round()
    {
        var now = clock.Nanos;
        var next = now + (LongestWaitMs * 1_000_000L);
        foreach (var pool in pools.All)
        {
            if (pool.DueNanos <= now)
            {
                Step(pool);
            }

            next = Math.Min(next, pool.DueNanos);
        }

        return (int)Math.Clamp((next - clock.Nanos) / 1_000_000, ShortestWaitMs, LongestWaitMs);
    }

    /// <summary>A pool that can't be stepped must not keep the others standing; told once until it can.</summary>
    private void Step(Pool pool)
    {
        try
        {
            pool.Tick();
            if (_failing.Count > 0)
            {
                _failing.Remove(pool.Spec.Id);
            }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (_failing.Add(pool.Spec.Id))
            {
                LogUnstepped(log, pool.Spec.Id.ToString(), fault);
            }
        }
    }

    [LoggerMessage(EventIds.WatchdogUnstepped, LogLevel.Error, "Pool {Pool} can't be stepped without a sample; it is tried again, and its last set-points lapse by themselves")]
    private static partial void LogUnstepped(ILogger logger, string pool, Exception fault);
}

/// <summary>How urgent the thread is that reads samples and commands.</summary>
internal sealed record HotPathOptions : ISettings
{
    public static string Section => "HotPath";

    /// <summary>1 to 99 asks the kernel for SCHED_FIFO, 0 does not; what was granted is in the source's state. Needs CAP_SYS_NICE.</summary>
    public int RealTimePriority { get; init; } = 50;

    public IEnumerable<string> Validate() => Bounds.Within("HotPath:RealTimePriority", RealTimePriority, 0, 99);
}
