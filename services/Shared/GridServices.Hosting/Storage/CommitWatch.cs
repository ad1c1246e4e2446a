using System.Diagnostics.Metrics;

namespace GridServices.Hosting.Storage;

/// <summary>Whether commits go through. A failure stands until the store's own test commit has gone through, however small the next commit of others is.</summary>
internal sealed class CommitWatch : IDisposable
{
    private readonly Meter _meter = new("GridServices.Store");
    private readonly SemaphoreSlim _failure = new(0, 1);
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile CommitFailure? _failing;
    private long _failed;
    private long _lastGood;

    internal CommitWatch(TimeProvider time)
    {
        _time = time;
        _lastGood = time.GetTimestamp();
        _meter.CreateObservableCounter("store.commits.failed", () => Interlocked.Read(ref _failed), description: "Transactions that the store could not commit.");
        _meter.CreateObservableGauge("store.commits.failing", () => _failing is null ? 0 : 1, description: "1 while nothing can be stored.");
    }

    /// <summary>Why commits fail now; null while they go through.</summary>
    internal CommitFailure? Failing => _failing;

    /// <summary>Since the last commit that went through.</summary>
    internal TimeSpan SinceGood => _time.GetElapsedTime(Interlocked.Read(ref _lastGood));

    internal void Succeeded() => Interlocked.Exchange(ref _lastGood, _time.GetTimestamp());

    internal void Failed(string reason)
    {
        Interlocked.Increment(ref _failed);
        lock (_gate)
        {
            var first = _failing is null;
            _failing = first ? new CommitFailure(reason, _time.GetTimestamp()) : _failing! with { Reason = reason };
            if (first && _failure.CurrentCount == 0)
            {
                _failure.Release();
            }
        }
    }

    /// <summary>The test commit went through.</summary>
    internal void Recovered()
    {
        Succeeded();
        lock (_gate)
        {
            _failing = null;
        }
    }

    /// <summary>Waits until commits begin to fail.</summary>
    internal async Task<CommitFailure> FailureAsync(CancellationToken ct)
    {
        while (true)
        {
            await _failure.WaitAsync(ct);
            if (_failing is { } failing)
            {
                return failing;
            }
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _failure.Dispose();
    }
}

/// <summary>Commits fail.</summary>
/// <param name="Reason">The latest, one sentence for people.</param>
/// <param name="Since">Timestamp of the first.</param>
internal sealed record CommitFailure(string Reason, long Since);
