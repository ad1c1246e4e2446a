using GridServices.Hosting.Hub;

namespace GridServices.Hosting.Publishing;

/// <summary>What the relay and the hello loop tell one another about the hub.</summary>
internal sealed class HubView(RelayOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly long _started = time.GetTimestamp();
    private volatile string? _epoch;

    /// <summary>True once the service has had time to hear its utility after its start. Whether it has, says <see cref="IStreamHearing"/>.</summary>
    internal bool HadTimeToHear => time.GetElapsedTime(_started) >= options.SettleTime;

    /// <summary>The epoch of an answer of the hub; another one than before wakes the hello loop.</summary>
    internal void OnEpoch(string? epoch)
    {
        if (epoch is not null && !string.Equals(Interlocked.Exchange(ref _epoch, epoch), epoch, StringComparison.Ordinal))
        {
            Wake();
        }
    }

    /// <summary>Items are settled; what restates is what the hello loop waits for.</summary>
    internal void Settled(IReadOnlyList<OutboxRow> rows)
    {
        if (rows.Any(row => row.Restates is not null))
        {
            Wake();
        }
    }

    /// <summary>Until somebody wakes us, but not much longer than <paramref name="atMost"/>.</summary>
    internal async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(_wake.WaitAsync(over.Token), SharedTick.DelayAsync(time, atMost, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    public void Dispose() => _wake.Dispose();

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }
}
