using System.Data.Common;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.Ieee2030Dot5.Service.Storage;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>What of a client is on disk, and the one way it gets there.</summary>
internal sealed class ClientOnDisk(ClientShell shell, ClientId id, DerClientState? stored) : IDisposable
{
    private volatile DerClientState? _stored = stored;

    public ClientJournal Journal { get; } = new();

    /// <summary>False for a client that was never written.</summary>
    public bool IsStored => _stored is not null;

    /// <summary>State, journal, publications and what else the caller adds, in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is written.</exception>
    public async Task WriteAsync(DerClientState after, IReadOnlyList<OutboxItem> items, Func<DbTransaction, Task>? also, Instant now, CancellationToken ct)
    {
        await Journal.Storing.WaitAsync(ct);
        try
        {
            var rows = Journal.Unstored();
            var written = await shell.Store.WriteAsync(
                async tx =>
                {
                    await ClientStore.SaveStateAsync(tx, id, after, now);
                    var kept = await ExchangeStore.WriteAsync(tx, id, rows);
                    await shell.Outbox.AddAsync(tx, items, now);
                    if (also is not null)
                    {
                        await also(tx);
                    }

                    CrashPoint.Hit("before-commit");
                    if (items.Count > 0)
                    {
                        CrashPoint.Hit("before-commit.limits");
                    }

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

    public bool HasUnsaved(DerClientState current) => _stored is { } held && (Journal.Waiting > 0 || !ReferenceEquals(held, current));

    /// <summary>What waits for a lazy write (counts, running averages), held until it is disposed; null where nothing does or a commit is under way.</summary>
    public Unsaved? TryTakeUnsaved(Func<DerClientState> current)
    {
        if (_stored is null || !Journal.Storing.Wait(TimeSpan.Zero))
        {
            return null;
        }

        var state = current();
        var rows = Journal.Unstored();
        if (rows.Count > 0 || !ReferenceEquals(_stored, state))
        {
            return new Unsaved(this, id, rows, ReferenceEquals(_stored, state) ? null : state);
        }

        Journal.Storing.Release();
        return null;
    }

    public void Dispose() => Journal.Dispose();

    /// <summary>Part of a client that is written together with those of others.</summary>
    internal sealed class Unsaved(ClientOnDisk client, ClientId id, IReadOnlyList<JournalRow> rows, DerClientState? state) : IDisposable
    {
        private IReadOnlyList<JournalRow> _written = [];

        public async Task WriteAsync(DbTransaction tx, Instant now)
        {
            _written = await ExchangeStore.WriteAsync(tx, id, rows);
            if (state is not null)
            {
                await ClientStore.SaveStateAsync(tx, id, state, now);
            }
        }

        public void Committed()
        {
            client.Journal.Stored(_written);
            client._stored = state ?? client._stored;
        }

        public void Dispose() => client.Journal.Storing.Release();
    }
}
