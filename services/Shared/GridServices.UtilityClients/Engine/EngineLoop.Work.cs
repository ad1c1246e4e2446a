using System.Data.Common;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>Requests to the utility, and what others order between two of them.</summary>
public sealed partial class EngineLoop<TView, TConfig, TState, TInput, TKind>
{
    private const int MostReceivedWaiting = 8;
    private const int MostPeopleWaiting = 8;
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);
    private int _receivedWaiting;
    private int _missedWaiting;

    /// <summary>Hands in what the utility sent unasked; it is applied later and waits for a store that is away.</summary>
    /// <returns>False where too many wait already, or the loop has ended.</returns>
    public bool OfferReceived(TInput input, JournalRow row) => OfferReceived(new EngineWork<TConfig, TInput, TKind>.Apply(input, Row: row));

    /// <summary>Hands in what the utility sent unasked and waits until it is applied and, where it must be, stored: the sender has no answer before.</summary>
    /// <returns>False where too many wait already, or the loop has ended.</returns>
    /// <exception cref="Hosting.Storage.StoreUnavailableException">Nothing is changed.</exception>
    public async Task<bool> SubmitReceivedAsync(TInput input, JournalRow row)
    {
        var done = NewAnswer();
        if (!OfferReceived(new EngineWork<TConfig, TInput, TKind>.Apply(input, done, row)))
        {
            return false;
        }

        await AnswerAsync(done);
        return true;
    }

    /// <summary>What the utility sent unasked could not be taken in and may not come again: the engine asks for it once it can. Kept while the store is away.</summary>
    /// <returns>False where that waits already, the engine asks anyway, or the loop has ended.</returns>
    public bool OfferMissed() => _engine.Missed is { } missed && Interlocked.Exchange(ref _missedWaiting, 1) == 0
        && Offer(new EngineWork<TConfig, TInput, TKind>.Apply(missed) { EndsMissed = true });

    /// <summary>What was said outside an exchange; it goes to disk with what comes next.</summary>
    public void Note(JournalRow row) => _disk.Journal.Add(row);

    private bool OfferReceived(EngineWork<TConfig, TInput, TKind>.Apply work)
    {
        if (Interlocked.Increment(ref _receivedWaiting) <= MostReceivedWaiting && Offer(work))
        {
            return true;
        }

        Interlocked.Decrement(ref _receivedWaiting);
        return false;
    }

    private async Task HandleAsync(EngineWork<TConfig, TInput, TKind> work, CancellationToken ct)
    {
        if (work.Hastens)
        {
            Interlocked.Decrement(ref _peopleWaiting);
        }

        switch (work)
        {
            case EngineWork<TConfig, TInput, TKind>.Apply { Input: var input, Row: var row } apply:
                if (apply.EndsMissed)
                {
                    Interlocked.Exchange(ref _missedWaiting, 0);
                }

                if (row is not null)
                {
                    Interlocked.Decrement(ref _receivedWaiting);
                    _disk.Journal.Add(row);
                }

                // Only people can be asked to try again.
                await AnswerAsync(work.Done, () => ApplyAsync(input, patient: work.Done is null || _engine.IsIrreplaceable(input), ct));
                break;
            case EngineWork<TConfig, TInput, TKind>.Configure { Config: var config }:
                await AnswerChangeAsync(work.Done, () => ConfigureAsync(config, ct));
                break;
            case EngineWork<TConfig, TInput, TKind>.Remove:
                await AnswerChangeAsync(work.Done, () => RemoveAsync(ct));
                break;
        }
    }

    private Task AnswerChangeAsync(TaskCompletionSource<IReadOnlyList<Note<TKind>>>? done, Func<Task<IReadOnlyList<Note<TKind>>>> work) => AnswerAsync(done, async () =>
    {
        try
        {
            return await work();
        }
        catch when (!_disk.IsStored && !_disk.IsOpen)
        {
            // It comes to nothing: what others wanted of it meanwhile is not begun, or it would be stored and run nowhere.
            _removed = true;
            _inbox.Writer.TryComplete();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _changesWaiting);
        }
    });

    /// <summary>Whoever ordered the work gets its result or its fault; a store that is away is then no fault of the loop.</summary>
    private async Task AnswerAsync(TaskCompletionSource<IReadOnlyList<Note<TKind>>>? done, Func<Task<IReadOnlyList<Note<TKind>>>> work)
    {
        try
        {
            var notes = await work();
            done?.TrySetResult(notes);
        }
        catch (OperationCanceledException e) when (done is not null && _disk.IsOpen)
        {
            done.TrySetException(new OutcomeOpenException(e));
        }
        catch (Exception e) when (done is not null && e is not EngineFencedException)
        {
            done.TrySetException(e);
        }
        catch (EngineFencedException e)
        {
            _ = _disk.IsOpen ? done?.TrySetException(new OutcomeOpenException(e)) : done?.TrySetCanceled(CancellationToken.None);
            throw;
        }
    }

    private async Task<IReadOnlyList<Note<TKind>>> ConfigureAsync(TConfig config, CancellationToken ct)
    {
        if (!_disk.IsStored || !_engine.Leaves(config))
        {
            return await UseAsync(config, ct);
        }

        return await LeaveAsync(() => UseAsync(config, ct), ct);
    }

    private async Task<IReadOnlyList<Note<TKind>>> UseAsync(TConfig config, CancellationToken ct)
    {
        var unused = _engine.With(config);
        try
        {
            var former = _engine;
            var notes = await ReconfigureAsync(unused, ct);
            unused = former;
            return notes;
        }
        finally
        {
            unused.Dispose();
        }
    }

    private async Task<IReadOnlyList<Note<TKind>>> ReconfigureAsync(IProtocolEngine<TView, TConfig, TState, TInput, TKind> fresh, CancellationToken ct)
    {
        var now = _with.Clock.GetCurrentInstant();
        var step = fresh.Apply(_state, fresh.Configured(_disk.IsStored ? _engine.EffectiveConfig : null), now, Seed());
        await CommitAsync(step, patient: false, tx => SaveConfigAsync(tx, fresh, now), now, ct);
        Update(fresh, step, now);
        return step.Notes;
    }

    private async Task SaveConfigAsync(DbTransaction tx, IProtocolEngine<TView, TConfig, TState, TInput, TKind> fresh, Instant now)
    {
        if (_with.Placements is not null)
        {
            await EngineIndex.ReplaceAsync(tx, _protocol, Id, fresh.Config);
        }

        await fresh.SaveConfigAsync(tx, now);
    }

    private async Task DeleteConfigAsync(DbTransaction tx)
    {
        if (_with.Placements is not null)
        {
            await EngineIndex.RemoveAsync(tx, Id);
            await Placements.DeleteAsync(tx, new PlacedKey(Id.Tenant, Id.Key));
        }

        await _protocol.DeleteConfigAsync(tx, Id);
    }

    private Task<IReadOnlyList<Note<TKind>>> RemoveAsync(CancellationToken ct) => LeaveAsync(() => EndAsync(ct), ct);

    private async Task<IReadOnlyList<Note<TKind>>> EndAsync(CancellationToken ct)
    {
        var now = _with.Clock.GetCurrentInstant();
        var step = _engine.Apply(_state, _engine.Removed, now, Seed());
        await CommitAsync(step, patient: false, DeleteConfigAsync, now, ct);
        Update(_engine, step, now);
        _removed = true;
        return step.Notes;
    }

    /// <summary>Where it comes to nothing the engine stays what it was, to the utility too.</summary>
    private async Task<IReadOnlyList<Note<TKind>>> LeaveAsync(Func<Task<IReadOnlyList<Note<TKind>>>> then, CancellationToken ct)
    {
        try
        {
            await SendFarewellAsync(ct);
            return await then();
        }
        catch
        {
            OfferToStay();
            throw;
        }
    }

    /// <summary>Nobody waits for it, so it waits for a store that is away.</summary>
    private void OfferToStay()
    {
        if (_engine.Stays(_state) is { } stays)
        {
            Offer(new EngineWork<TConfig, TInput, TKind>.Apply(stays));
        }
    }

    /// <summary>For five seconds at most: a server that doesn't answer can't keep an engine from being deleted, or from leaving it.</summary>
    private async Task SendFarewellAsync(CancellationToken ct)
    {
        if (_engine.FindFarewell(_state) is not { } farewell)
        {
            return;
        }

        await ApplyAsync(farewell, patient: false, ct);
        var end = _with.Clock.GetCurrentInstant() + Duration.FromTimeSpan(FarewellTime);
        using var patience = new CancellationTokenSource(FarewellTime, _with.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            while (_engine.FindFarewell(_state) is not null)
            {
                either.Token.ThrowIfCancellationRequested();
                if (!await StepFarewellAsync(end, either.Token))
                {
                    LogFarewellUnsent();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogFarewellUnheard();
        }
    }

    /// <returns>False: the engine sends nothing before <paramref name="end"/>.</returns>
    private async Task<bool> StepFarewellAsync(Instant end, CancellationToken ct)
    {
        var now = _with.Clock.GetCurrentInstant();
        switch (_engine.Next(_state, now))
        {
            case EngineNext<TView, TInput>.Send send:
                await ExchangeAsync(send, isFarewell: true, ct);
                return true;
            case EngineNext<TView, TInput>.WaitUntil { At: var at } when at < end:
                // Quiet after a start, or after a failure: it may speak again in time.
                await Task.Delay(EngineSleep.Until(at, now, SharedTick.GetPhase(_with.Time)), _with.Time, ct);
                if (_engine.Tick is { } tick && _with.Clock.GetCurrentInstant() >= at)
                {
                    await ApplyAsync(tick, patient: true, ct);
                }

                return true;
            default:
                return false;
        }
    }

    private async Task ExchangeAsync(EngineNext<TView, TInput>.Send send, bool isFarewell, CancellationToken ct)
    {
        if (await SendAsync(send, isFarewell, ct) is not { } exchange)
        {
            if (_engine.NeedsResync(_state))
            {
                // The server may have given away what the reply told.
                Offer(new EngineWork<TConfig, TInput, TKind>.Apply(_engine.Resync));
            }

            return;
        }

        var before = _view;
        _view = exchange.Record(_view, _with.Clock.GetCurrentInstant()) with { Faulted = false };
        foreach (var row in exchange.Rows)
        {
            _disk.Journal.Add(row);
        }

        try
        {
            await ApplyAsync(exchange.Input, patient: true, ct);
        }
        catch
        {
            // What came to nothing here was not heard: the status must not be that of a sound engine.
            _view = before;
            throw;
        }
    }

    /// <summary>Nobody is left waiting for a loop that has ended.</summary>
    private void Close()
    {
        _inbox.Writer.TryComplete();
        while (_inbox.Reader.TryRead(out var work))
        {
            work.Done?.TrySetCanceled();
        }
    }
}
