using System.Data.Common;
using Dapper;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>
/// Publications that are committed with the state they come from, and sent afterwards by the <see cref="OutboxRelay"/>:
/// <code>
/// receive ─▶ [ state + outbox rows: one commit ] ─▶ acknowledge ─▶ relay ─▶ hub answers ─▶ rows removed
/// </code>
/// </summary>
public sealed class Outbox(Store store, TimeProvider time) : IDisposable
{
    private const int RowsPerInsert = 100;
    private const int Columns = 5;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly string _run = Guid.CreateVersion7().ToString();

    /// <summary>Adds items, in order, to the caller's transaction. Call <see cref="Wake"/> after the commit.</summary>
    /// <param name="tx">The transaction that also writes the state the items come from.</param>
    /// <param name="items">In the order in which they are to be sent.</param>
    /// <param name="now">When.</param>
    public async Task AddAsync(DbTransaction tx, IReadOnlyList<OutboxItem> items, Instant now)
    {
        if (items.Count == 0)
        {
            return;
        }

        await LockAsync(tx);
        await using var insert = tx.Connection!.CreateCommand();
        insert.Transaction = tx;
        var prepared = 0;
        for (var from = 0; from < items.Count; from += RowsPerInsert)
        {
            var rows = Math.Min(RowsPerInsert, items.Count - from);
            if (rows != prepared)
            {
                Prepare(insert, rows, now);
                prepared = rows;
            }

            for (var row = 0; row < rows; row++)
            {
                Fill(insert, 1 + (Columns * row), items[from + row]);
            }

            await insert.ExecuteNonQueryAsync();
            CrashPoint.Hit("outbox.mid-add");
        }

        await PublishedStreams.SaveAsync(tx, items, now, _run);
    }

    /// <summary>
    /// Whether the latest word on a stream waits because the hub holds another one and nothing has confirmed ours since the start
    /// (<see cref="IStreamHearing"/>): a person who states it again settles that.
    /// </summary>
    /// <param name="db">The store.</param>
    /// <param name="stream">Of the item that would state it.</param>
    /// <param name="tx">The transaction; null: none.</param>
    public static Task<bool> IsWaitingAsync(DbConnection db, PublishedStream stream, DbTransaction? tx = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(stream);
        return db.QuerySingleAsync<bool>(
            "SELECT COUNT(*) > 0 FROM outbox o JOIN published_stream p ON p.stream = o.stream AND p.revision = o.revision WHERE o.waits = @hearing AND o.stream = @Key",
            new { hearing = (long)WaitReason.Hearing, stream.Key },
            tx);
    }

    /// <summary>Tells the relay that there is something to send; cheap, and harmless when there is nothing.</summary>
    public void Wake()
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

    public void Dispose() => _wake.Dispose();

    /// <summary>Whether a word was said by this process, and not before its start.</summary>
    internal bool IsFromThisRun(string? run) => string.Equals(run, _run, StringComparison.Ordinal);

    /// <summary>Until somebody wakes us, but not much longer than <paramref name="atMost"/>.</summary>
    /// <returns>False where the time is up and nobody did.</returns>
    internal async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var woken = _wake.WaitAsync(over.Token);
        await Task.WhenAny(woken, SharedTick.DelayAsync(time, atMost, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
        return woken.IsCompletedSuccessfully;
    }

    /// <summary>Row ids must follow the order of commits, or the relay could pass by a row that commits late. SQLite has one writer anyway.</summary>
    internal async Task LockAsync(DbTransaction tx)
    {
        if (store.Dialect == Dialect.PostgreSql)
        {
            await tx.Connection!.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.outbox', 0))", transaction: tx);
        }
    }

    private static void Prepare(DbCommand insert, int rows, Instant now)
    {
        insert.CommandText = "INSERT INTO outbox (site_id, body, proof, stream, revision, added_at) VALUES "
            + string.Join(", ", Enumerable.Range(0, rows).Select(row => $"(@s{row}, @b{row}, @p{row}, @k{row}, @r{row}, @now)"));
        insert.Parameters.Clear();
        Add(insert, "@now", now.ToUnixTimeTicks());
        for (var row = 0; row < rows; row++)
        {
            Add(insert, "@s" + row, string.Empty);
            Add(insert, "@b" + row, Array.Empty<byte>());
            Add(insert, "@p" + row, string.Empty);
            Add(insert, "@k" + row, string.Empty);
            Add(insert, "@r" + row, 0L);
        }
    }

    private static void Fill(DbCommand insert, int at, OutboxItem item)
    {
        insert.Parameters[at].Value = item.SiteId;
        insert.Parameters[at + 1].Value = item.Body;
        insert.Parameters[at + 2].Value = OutboxProof.Compute(item.SiteId, item.Body);
        insert.Parameters[at + 3].Value = item.Stream?.Key ?? (object)DBNull.Value;
        insert.Parameters[at + 4].Value = item.Stream?.Revision ?? (object)DBNull.Value;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}

/// <summary>The latest word on a stream, which waits because the hub holds another one and nothing has confirmed ours since the start.</summary>
/// <param name="Spoken">Its stream.</param>
/// <param name="Key">Of the stream, as in <see cref="PublishedStream"/>.</param>
/// <param name="Revision">As the service gave it.</param>
/// <param name="Body">The CloudEvent as it was stored; nobody has changed it since.</param>
public sealed record StoredPublication(SpokenStream Spoken, string Key, long Revision, byte[] Body);

/// <summary>
/// For a service that hears no utility (<see cref="IStreamHearing"/>) and can tell otherwise that a stored word was said after the one that the hub holds:
/// <code>
/// waits ─▶ asked of the hub: ours is later ─▶ raised above what the hub was seen to hold ─▶ sent; the hub has gone further meanwhile: it waits again
/// </code>
/// </summary>
public sealed class StoredPublications(Store store, Outbox outbox)
{
    /// <summary>Limits that wait. Not among them: withdrawals, and what was changed in the store or is of a version that kept no proof.</summary>
    public async Task<IReadOnlyList<StoredPublication>> WaitingAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            async db => (await db.QueryAsync<OutboxRow>(
                """
                SELECT p.site_id AS siteId, p.body, p.proof, p.stream, p.revision FROM published_stream p
                WHERE p.withdrawn = 0 AND p.damaged = 0 AND p.proof IS NOT NULL AND EXISTS (SELECT 1 FROM outbox o WHERE o.stream = p.stream AND o.waits = @hearing)
                """,
                new { hearing = (long)WaitReason.Hearing })).ToList(),
            ct);
        return [.. rows.Where(row => !row.IsDamaged).Select(ToPublication).OfType<StoredPublication>()];
    }

    /// <summary>Lets a word go out above a revision of the hub. Above no other: where the hub holds a later one by then, it waits again.</summary>
    /// <param name="publication">Nothing happens where a newer one took its place.</param>
    /// <param name="above">The revision that the hub holds.</param>
    /// <param name="ct">Ends the wait for the store.</param>
    public async Task ReleaseAsync(StoredPublication publication, long above, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(publication);
        var what = new { publication.Key, publication.Revision, above, hearing = (long)WaitReason.Hearing };
        await store.WriteAsync(
            async tx =>
            {
                await outbox.LockAsync(tx);
                var isLatest = await tx.Connection!.ExecuteAsync(
                    """
                    UPDATE published_stream SET raised_by = CASE WHEN revision + raised_by > @above THEN raised_by ELSE @above + 1 - revision END
                    WHERE stream = @Key AND revision = @Revision AND damaged = 0
                    """,
                    what,
                    tx) == 1;
                if (isLatest)
                {
                    // What was said before it is done; itself it may wait as well, or behind that.
                    await tx.Connection!.ExecuteAsync("DELETE FROM outbox WHERE stream = @Key AND waits = @hearing AND revision <> @Revision", what, tx);
                    await tx.Connection!.ExecuteAsync("UPDATE outbox SET parked_at = NULL, problem = NULL, waits = NULL WHERE stream = @Key AND waits = @hearing", what, tx);
                }
            },
            ct);
        outbox.Wake();
    }

    private static StoredPublication? ToPublication(OutboxRow row) =>
        SpokenStream.TryParse(row.Stream!, false, out var spoken) ? new StoredPublication(spoken, row.Stream!, row.Revision!.Value, row.Body) : null;
}
