using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Nodes;

/// <summary>
/// How fresh this instance's view of the shared store is. One that was stopped and goes on, or that is cut off from the database, tells nothing from memory
/// before it has looked again: others may have committed meanwhile.
/// </summary>
internal sealed class StoreFreshness(CommitNotices notices, TimeProvider time, IOptions<EnvelopeHubOptions> options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private CancellationTokenSource _doubt = new();
    private TaskCompletionSource? _asked;
    private bool _doubted;
    private bool _closed;
    private volatile StoreCheck _seen = new(time.GetTimestamp(), time.GetUtcNow(), null);

    /// <summary>What this instance holds in memory may be told. Of a machine that was frozen only the clock that is set knows: the steady one stood still.</summary>
    public bool MayTell => !notices.IsShared || (_seen is var seen && time.GetElapsedTime(seen.BegunAt) <= options.Value.UnseenFor && time.GetUtcNow() - seen.BegunWall <= options.Value.UnseenFor);

    /// <summary>Cancelled once that is no longer so; another one after it is again.</summary>
    public CancellationToken Doubt
    {
        get
        {
            lock (_gate)
            {
                return _doubt.Token;
            }
        }
    }

    /// <summary>Returns after a look that began after this call, with all that it found shown; at once where no other instance works on the store.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be looked at.</exception>
    public Task RefreshAsync(CancellationToken ct)
    {
        if (!notices.IsShared)
        {
            return Task.CompletedTask;
        }

        Task asked;
        lock (_gate)
        {
            if (_closed)
            {
                throw new StoreUnavailableException("The hub is stopping; send this again.");
            }

            _asked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            asked = _asked.Task;
        }

        Wake();
        return asked.WaitAsync(ct);
    }

    /// <summary>A hint that there may be something to see.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
    }

    /// <summary>Until a hint comes, or it is time anyhow.</summary>
    public Task WaitAsync(CancellationToken ct) => _wake.WaitAsync(options.Value.LookInterval, ct);

    /// <summary>A look begins: those who ask from now on wait for the next one.</summary>
    public StoreCheck BeginLook()
    {
        lock (_gate)
        {
            var look = new StoreCheck(time.GetTimestamp(), time.GetUtcNow(), _asked);
            _asked = null;
            return look;
        }
    }

    /// <summary>All that a look found is shown.</summary>
    public void Seen(StoreCheck check)
    {
        lock (_gate)
        {
            _seen = check with { Asked = null };
            if (_doubted && MayTell)
            {
                // The one before is not disposed: answers that it ended may still look at its token.
                _doubt = new CancellationTokenSource();
                _doubted = false;
            }
        }

        check.Asked?.TrySetResult();
    }

    /// <summary>Nobody looks any more.</summary>
    public void Close()
    {
        TaskCompletionSource? asked;
        lock (_gate)
        {
            _closed = true;
            (asked, _asked) = (_asked, null);
        }

        asked?.TrySetException(new StoreUnavailableException("The hub is stopping; send this again."));
    }

    /// <returns>True: from this call on nothing is told any more.</returns>
    public bool DoubtIfStale()
    {
        CancellationTokenSource doubt;
        lock (_gate)
        {
            if (_doubted || MayTell)
            {
                return false;
            }

            _doubted = true;
            doubt = _doubt;
        }

        doubt.Cancel();
        return true;
    }

    public void Dispose()
    {
        _doubt.Dispose();
        _wake.Dispose();
    }
}

/// <summary>One look at the store.</summary>
/// <param name="BegunAt">By the steady clock.</param>
/// <param name="BegunWall">By the clock that may be set.</param>
/// <param name="Asked">Those who wait for it; null: nobody.</param>
internal sealed record StoreCheck(long BegunAt, DateTimeOffset BegunWall, TaskCompletionSource? Asked);
