using System.Data.Common;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Journal;
using GridServices.OpenAdr.Service.Storage;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>What of a VEN is on disk, and the one way it gets there.</summary>
internal sealed class VenOnDisk(VenShell shell, VenId id, VenState? stored) : IDisposable
{
    private VenState? _stored = stored;

    public VenJournal Journal { get; } = new();

    /// <summary>False for a VEN that was never written.</summary>
    public bool IsStored => _stored is not null;

    /// <summary>State, journal, publications and what else the caller adds, in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is written.</exception>
    public async Task WriteAsync(VenState after, IReadOnlyList<OutboxItem> items, Func<DbTransaction, Task>? also, Instant now, CancellationToken ct)
    {
        await Journal.Storing.WaitAsync(ct);
        try
        {
            var rows = Journal.Unstored();
            var written = await shell.Store.WriteAsync(
                async tx =>
                {
                    await VenStore.SaveStateAsync(tx, id, _stored, after, now);
                    var kept = await MessageStore.WriteAsync(tx, id, rows);
                    await shell.Outbox.AddAsync(tx, items, now);
                    if (also is not null)
                    {
                        await also(tx);
                    }

                    CrashPoint.Hit("before-commit");
                    return kept;
                },
                ct);
            Journal.Stored(written);
            _stored = after;
        }
        finally
        {
            Journal.Storing.Release();
        }
    }

    public bool HasUnsaved(VenState current) => Journal.Waiting > 0 || (_stored is { } held && !ReferenceEquals(held.Points, current.Points));

    /// <summary>What waits for a lazy write (counted polls, report points), held until it is disposed; null where nothing does or a commit is under way.</summary>
    public Unsaved? TryTakeUnsaved(Func<VenState> current)
    {
        if (_stored is null || !Journal.Storing.Wait(TimeSpan.Zero))
        {
            return null;
        }

        var state = current();
        var rows = Journal.Unstored();
        var points = PointChanges.Between(_stored.Points, state.Points);
        if (rows.Count > 0 || !points.IsEmpty)
        {
            return new Unsaved(this, rows, points, state);
        }

        Journal.Storing.Release();
        return null;
    }

    public void Dispose() => Journal.Dispose();

    /// <summary>Part of a VEN that is written together with those of others.</summary>
    internal sealed class Unsaved(VenOnDisk ven, IReadOnlyList<JournalRow> rows, PointChanges points, VenState state) : IDisposable
    {
        private readonly VenId _id = ven.Id;
        private IReadOnlyList<JournalRow> _written = [];

        public async Task WriteAsync(DbTransaction tx)
        {
            _written = await MessageStore.WriteAsync(tx, _id, rows);
            await points.SaveAsync(tx, _id);
        }

        public void Committed()
        {
            ven.Journal.Stored(_written);
            ven._stored = ven._stored! with { Points = state.Points };
        }

        public void Dispose() => ven.Journal.Storing.Release();
    }

    private VenId Id => id;
}
