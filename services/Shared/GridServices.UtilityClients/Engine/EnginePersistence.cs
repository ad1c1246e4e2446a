using System.Data.Common;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What of an engine is on disk, and the one way it gets there.</summary>
/// <param name="dependencies">Store, journal, outbox.</param>
/// <param name="states">How the protocol keeps states.</param>
/// <param name="engine">Whose.</param>
/// <param name="stored">As it was committed last; null: never.</param>
/// <param name="fence">The number of this start (<see cref="EngineFence"/>); null: not checked.</param>
public sealed class EnginePersistence<TState>(EngineDependencies dependencies, IEngineStates<TState> states, EngineId engine, TState? stored, long? fence)
    : IDisposable
    where TState : class
{
    private volatile TState? _stored = stored;
    private volatile bool _isFenced;
    private volatile bool _isOpen;

    public JournalBuffer Journal { get; } = new(dependencies.Journal.Table.MostWaiting);

    /// <summary>True while nobody knows whether the last commit happened, also where the engine ends meanwhile.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Started elsewhere by now.</summary>
    public bool IsFenced => _isFenced;

    /// <summary>One that was started elsewhere ends before it asks anything more: a utility that says its news once would have said them to nobody.</summary>
    /// <exception cref="EngineFencedException">It was started elsewhere.</exception>
    /// <exception cref="StoreUnavailableException">It may have been.</exception>
    public async Task RequireUnfencedAsync(CancellationToken ct)
    {
        if (fence is not null && (_isFenced || await dependencies.Store.ReadAsync(db => EngineFence.HighestAsync(db, engine), ct) > fence))
        {
            _isFenced = true;
            throw new EngineFencedException(engine);
        }
    }

    /// <summary>False for an engine that was never written.</summary>
    public bool IsStored => _stored is not null;

    /// <summary>State, journal, publications and what else the caller adds, in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is written.</exception>
    /// <exception cref="EngineFencedException">Nothing is written, now or later.</exception>
    public async Task WriteAsync(TState after, IReadOnlyList<OutboxItem> items, Func<DbTransaction, Task>? also, Instant now, CancellationToken ct)
    {
        await Journal.Storing.WaitAsync(ct);
        try
        {
            var rows = Journal.Unstored();
            var ids = await dependencies.Store.WriteAsync(
                async tx =>
                {
                    await RequireFenceAsync(tx);
                    await states.SaveStateAsync(tx, engine, _stored, after, now);
                    var written = await dependencies.Journal.WriteAsync(tx, engine, rows);
                    await dependencies.Outbox.AddAsync(tx, items, now);
                    if (also is not null)
                    {
                        await also(tx);
                    }

                    EngineLoop.HitStep("before-commit", items.Count);
                    return written;
                },
                ct);
            Journal.Stored(rows, ids);
            (_stored, _isOpen) = (after, false);
        }
        catch (StoreUnavailableException e) when (e.OutcomeUnknown)
        {
            _isOpen = true;
            throw;
        }
        finally
        {
            Journal.Storing.Release();
        }
    }

    /// <summary>Whether something waits for the write-behind.</summary>
    public bool HasUnsaved(TState current) =>
        !_isFenced && _stored is { } held && (Journal.Waiting > 0 || !ReferenceEquals(states.Deferred(held, current), held));

    /// <summary>
    /// What waits for the write-behind, held until it is disposed; null where nothing does, a commit is under way, or nobody knows whether the last one
    /// happened: from the state before it nothing may be written over what it may have stored.
    /// </summary>
    public UnsavedChanges? TryTakeUnsaved(Func<TState> current)
    {
        ArgumentNullException.ThrowIfNull(current);
        return _isFenced || _isOpen || _stored is null || !Journal.Storing.Wait(TimeSpan.Zero) ? null : Unsaved(current);
    }

    /// <summary>The same, after a commit under way has ended: what that one stores may be older.</summary>
    /// <exception cref="EngineFencedException">It was started elsewhere.</exception>
    /// <exception cref="StoreUnavailableException">Nobody knows whether the last commit happened.</exception>
    public async Task<UnsavedChanges?> TakeUnsavedAsync(Func<TState> current, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(current);
        await Journal.Storing.WaitAsync(ct);
        if (!_isFenced && !_isOpen)
        {
            return Unsaved(current);
        }

        Journal.Storing.Release();
        throw _isFenced ? new EngineFencedException(engine) : new StoreUnavailableException("Whether the last change was stored is not known yet.");
    }

    /// <summary>Call with the journal held; it is let go where nothing waits.</summary>
    private Part? Unsaved(Func<TState> current)
    {
        if (!_isOpen && _stored is { } held)
        {
            var (state, rows) = (states.Deferred(held, current()), Journal.Unstored());
            if (rows.Count > 0 || !ReferenceEquals(held, state))
            {
                return new Part(this, rows, state);
            }
        }

        Journal.Storing.Release();
        return null;
    }

    public void Dispose() => Journal.Dispose();

    private async Task RequireFenceAsync(DbTransaction tx)
    {
        try
        {
            await EngineFence.RequireAsync(tx, engine, fence);
        }
        catch (EngineFencedException)
        {
            _isFenced = true;
            throw;
        }
    }

    private async Task<IReadOnlyList<long>> WriteAsync(DbTransaction tx, IReadOnlyList<JournalRow> rows, TState state, Instant now)
    {
        await RequireFenceAsync(tx);
        var written = await dependencies.Journal.WriteAsync(tx, engine, rows);
        if (!ReferenceEquals(_stored, state))
        {
            await states.SaveStateAsync(tx, engine, _stored, state, now);
        }

        return written;
    }

    private sealed class Part(EnginePersistence<TState> persistence, IReadOnlyList<JournalRow> rows, TState state) : UnsavedChanges
    {
        private IReadOnlyList<long> _ids = [];

        public override void Dispose() => persistence.Journal.Storing.Release();

        protected override async Task WriteAsync(DbTransaction tx, Instant now) => _ids = await persistence.WriteAsync(tx, rows, state, now);

        protected override void Committed()
        {
            persistence.Journal.Stored(rows, _ids);
            persistence._stored = state;
        }
    }
}
