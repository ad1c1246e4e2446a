using System.Collections.Concurrent;

namespace GridServices.Hosting.Health;

/// <summary>Loops that must keep turning: where one does not beat for too long the process is stuck, and <c>/health/live</c> says so.</summary>
public sealed class Liveness(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, LoopBeat> _loops = new(StringComparer.Ordinal);

    /// <summary>Watches a loop from now on; it must beat at least every <paramref name="maxSilence"/> until it is disposed.</summary>
    /// <param name="name">For people.</param>
    /// <param name="maxSilence">Longer means stuck.</param>
    /// <param name="isWorking">False while it rightly waits for something to do; null: it beats always.</param>
    public LoopBeat Watch(string name, TimeSpan maxSilence, Func<bool>? isWorking = null) =>
        _loops[name] = new LoopBeat(time, maxSilence, isWorking, () => _loops.TryRemove(name, out _));

    internal IReadOnlyList<HealthCheck> Checks() => [.. _loops
        .OrderBy(loop => loop.Key, StringComparer.Ordinal)
        .Select(loop => new HealthCheck(loop.Key, !loop.Value.IsStuck, loop.Value.IsStuck ? $"silent for more than {loop.Value.MaxSilence.TotalSeconds} s" : null))];
}

/// <summary>A watched loop's pulse.</summary>
public sealed class LoopBeat : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Action _end;
    private readonly Func<bool>? _isWorking;
    private long _last;

    internal LoopBeat(TimeProvider time, TimeSpan maxSilence, Func<bool>? isWorking, Action end)
    {
        _time = time;
        _isWorking = isWorking;
        _end = end;
        MaxSilence = maxSilence;
        _last = time.GetTimestamp();
    }

    internal TimeSpan MaxSilence { get; }

    internal bool IsStuck => _isWorking?.Invoke() != false && _time.GetElapsedTime(Interlocked.Read(ref _last)) > MaxSilence;

    /// <summary>Another round done.</summary>
    public void Beat() => Interlocked.Exchange(ref _last, _time.GetTimestamp());

    public void Dispose() => _end();
}
