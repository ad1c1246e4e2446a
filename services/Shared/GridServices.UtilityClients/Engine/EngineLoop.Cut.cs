namespace GridServices.UtilityClients.Engine;

/// <summary>An exchange that hangs, cut for the sake of somebody who waits.</summary>
/// <remarks>
/// <code>
///   exchange  ├───────────────2 s─────────────▶ cut: made again afterwards, just as it was
///   a person        ├ waits ──────────────────┤ done
///   the next                                    ├──────── 10 s at least, then 20 s, 40 s, or a slow server would never be heard while people are busy
/// </code>
/// Most servers answer sooner, and a reply that is on its way is not thrown away. What it would have told is asked for afterwards.
/// </remarks>
public sealed partial class EngineLoop<TView, TConfig, TState, TInput, TKind>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PatienceAfterCut = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(5);

    private readonly Lock _cutting = new();
    private CancellationTokenSource? _exchange;
    private ITimer? _hurry;
    private long _exchangeBegan;
    private TimeSpan _patience = Patience;
    private TimeSpan _leastPatience;
    private int _peopleWaiting;
    private volatile bool _leaves;

    /// <summary>
    /// Begins no more exchanges, but for the farewell of an engine that is being deleted. The reply to the one under way is this loop's alone: without it the
    /// same would be said again elsewhere.
    /// </summary>
    /// <returns>How long to wait for the loop's end before it is ended: what is left of the two seconds that an exchange is given where somebody waits.</returns>
    public TimeSpan Leave()
    {
        TimeSpan left;
        lock (_cutting)
        {
            _leaves = true;
            left = _exchange is null ? Patience : Patience - _with.Time.GetElapsedTime(_exchangeBegan);
        }

        _inbox.Writer.TryWrite(new EngineWork<TConfig, TInput, TKind>.Wake());
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private bool OfferAndHasten(EngineWork<TConfig, TInput, TKind> work)
    {
        if (!work.Hastens)
        {
            return _inbox.Writer.TryWrite(work);
        }

        // Counted first: an exchange that begins meanwhile sees that somebody waits.
        Interlocked.Increment(ref _peopleWaiting);
        if (!_inbox.Writer.TryWrite(work))
        {
            Interlocked.Decrement(ref _peopleWaiting);
            return false;
        }

        lock (_cutting)
        {
            ScheduleCut();
        }

        return true;
    }

    /// <returns>Null where the exchange was cut (the engine is being deleted, or a person waits), or not begun since the engine leaves.</returns>
    private async Task<EngineExchange<TView, TInput>?> SendAsync(EngineNext<TView, TInput>.Send send, bool isFarewell, CancellationToken ct)
    {
        if (_with.Placements is { } placements)
        {
            await placements.UntilSureAsync(ct);
        }

        await RequireUnfencedAsync(ct);
        var cut = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, cut.Token);
        if (!TryBegin(cut, send.LeastPatience, isFarewell))
        {
            cut.Dispose();
            return null;
        }

        try
        {
            var exchange = await send.ExchangeAsync(either.Token);
            _patience = Patience;
            return exchange;
        }
        catch (OperationCanceledException e) when (cut.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // Longer each time, up to what the exchange's own time-out ends.
            _patience = _patience < PatienceAfterCut ? PatienceAfterCut : _patience * 2 < LongestPatience ? _patience * 2 : LongestPatience;
            foreach (var row in (e as ExchangeCutException)?.Rows ?? [])
            {
                _disk.Journal.Add(row);
            }

            return null;
        }
        finally
        {
            End(cut);
        }
    }

    // The looks before an exchange may take as long as the store does: an engine that is to leave by then sends nothing more.
    private bool TryBegin(CancellationTokenSource cut, TimeSpan leastPatience, bool isFarewell)
    {
        lock (_cutting)
        {
            if (_leaves && !isFarewell)
            {
                return false;
            }

            (_exchange, _exchangeBegan, _leastPatience) = (cut, _with.Time.GetTimestamp(), leastPatience);
            ScheduleCut();
            return true;
        }
    }

    private void End(CancellationTokenSource cut)
    {
        lock (_cutting)
        {
            _hurry?.Dispose();
            _hurry = null;

            // Whoever took it out to cancel it may still be doing so: then it is left to the collector.
            if (_exchange == cut)
            {
                _exchange = null;
                cut.Dispose();
            }
        }
    }

    // What a person wanted may be done by now: a loop that waits for work does it before whoever hands it in goes on.
    private void ScheduleCut()
    {
        if (Volatile.Read(ref _peopleWaiting) > 0 && _exchange is { } cut && _hurry is null && _engine.MayRepeatExchanges)
        {
            var left = (_patience > _leastPatience ? _patience : _leastPatience) - _with.Time.GetElapsedTime(_exchangeBegan);
            _hurry = _with.Time.CreateTimer(_ => Cut(cut), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>At once, whatever the exchange is about.</summary>
    private void CutExchange()
    {
        if (_exchange is { } cut)
        {
            Cut(cut);
        }
    }

    private void Cut(CancellationTokenSource cut)
    {
        lock (_cutting)
        {
            if (_exchange != cut)
            {
                return;
            }

            _exchange = null;
        }

        cut.Cancel();
    }
}
