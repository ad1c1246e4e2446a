using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.UtilityClients.Engine;
using NodaTime;

namespace GridServices.UtilityClients.Journal;

/// <summary>The journal's table.</summary>
public sealed class JournalStore
{
    /// <summary>What a row takes beside its bodies, about.</summary>
    private const int RowBytes = 300;

    private static readonly string[] SharedColumns = ["first_at", "last_at", "times", "direction", "http_status", "problem", "sha256"];

    private readonly Store _store;
    private readonly string _insert;
    private readonly string _count;
    private readonly string _read;
    private readonly string _forget;
    private readonly string _trim;
    private readonly string _sizes;
    private readonly string _beyondSize;
    private readonly string _upTo;

    public JournalStore(Store store, JournalTable table)
    {
        (_store, Table) = (store, table);
        string[] columns = [.. SharedColumns, .. table.Columns];
        var own = $"tenant = @Tenant AND {table.KeyColumn} = @Key";
        _insert = $"""
            INSERT INTO {table.Name} (tenant, {table.KeyColumn}, {string.Join(", ", columns)})
            VALUES (@Tenant, @Key, {string.Join(", ", columns.Select(ToParameter))})
            RETURNING id
            """;
        _count = $"UPDATE {table.Name} SET times = @Times, last_at = @LastAt WHERE id = @Id";
        _read = $"""
            SELECT id AS Id, {string.Join(", ", columns.Select(c => $"{c} AS {JournalTable.ToProperty(c)}"))}
            FROM {table.Name}
            WHERE {own} AND id < @before
            ORDER BY id DESC
            LIMIT @limit
            """;
        _forget = $"DELETE FROM {table.Name} WHERE last_at < @olderThan";
        _trim = $"""
            DELETE FROM {table.Name}
            WHERE {own}
              AND id <= (SELECT MAX(kept.id) FROM (SELECT id FROM {table.Name} WHERE {own} ORDER BY id DESC LIMIT 1 OFFSET @keep) AS kept)
            """;
        var size = string.Join(" + ", table.Bodies.Select(b => $"COALESCE(LENGTH({b}), 0)").Prepend($"{RowBytes}"));
        _sizes = $"SELECT tenant AS Tenant, {table.KeyColumn} AS Key, SUM({size}) AS Bytes FROM {table.Name} GROUP BY tenant, {table.KeyColumn}";
        _beyondSize = $"""
            SELECT MAX(summed.id)
            FROM (SELECT id, SUM({size}) OVER (ORDER BY id DESC) AS bytes FROM {table.Name} WHERE {own}) AS summed
            WHERE summed.bytes > @bytes
            """;
        _upTo = $"DELETE FROM {table.Name} WHERE {own} AND id <= @last";
    }

    public JournalTable Table { get; }

    /// <summary>Adds rows, or brings the counts of stored ones up to date, inside the caller's transaction.</summary>
    /// <returns>The ids, in the order of <paramref name="rows"/>.</returns>
    public async Task<IReadOnlyList<long>> WriteAsync(DbTransaction tx, EngineId engine, IReadOnlyList<JournalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(tx);
        ArgumentNullException.ThrowIfNull(rows);
        var ids = new List<long>(rows.Count);
        foreach (var row in rows)
        {
            ids.Add(row.Id is { } id ? await CountAsync(tx, id, row) : await tx.Connection!.ExecuteScalarAsync<long>(_insert, Parameters(engine, row), tx));
        }

        return ids;
    }

    /// <summary>Newest first, before <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<TRow>> ReadAsync<TRow>(EngineId engine, long before, int limit, CancellationToken ct)
        where TRow : JournalRow =>
        _store.ReadAsync<IReadOnlyList<TRow>>(async db => [.. await db.QueryAsync<TRow>(_read, new { engine.Tenant, engine.Key, before, limit })], ct);

    /// <summary>Removes what is older, of deleted engines too.</summary>
    public Task DeleteOlderAsync(Instant olderThan, CancellationToken ct) =>
        _store.WriteAsync(tx => tx.Connection!.ExecuteAsync(_forget, new { olderThan }, tx), ct);

    /// <summary>Removes what is beyond the newest <paramref name="keep"/> rows of an engine.</summary>
    public Task TrimAsync(EngineId engine, int keep, CancellationToken ct) =>
        _store.WriteAsync(tx => tx.Connection!.ExecuteAsync(_trim, new { engine.Tenant, engine.Key, keep }, tx), ct);

    /// <summary>Removes the oldest rows of the engines with the largest journals until at most <paramref name="bytes"/> are left: nobody's flood costs another its evidence.</summary>
    public async Task TrimToSizeAsync(long bytes, CancellationToken ct)
    {
        // Adding up takes a while: it is done while others may write.
        var sizes = (await _store.ReadAsync(db => db.QueryAsync<EngineSize>(_sizes), ct)).ToList();
        if (FairShare.Compute(sizes.Select(s => s.Bytes), bytes) is not { } share)
        {
            return;
        }

        foreach (var (tenant, key, _) in sizes.Where(s => s.Bytes > share))
        {
            if (await _store.ReadAsync(db => db.ExecuteScalarAsync<long?>(_beyondSize, new { Tenant = tenant, Key = key, bytes = share }), ct) is { } last)
            {
                await _store.WriteAsync(tx => tx.Connection!.ExecuteAsync(_upTo, new { Tenant = tenant, Key = key, last }, tx), ct);
            }
        }
    }

    private sealed record EngineSize(string Tenant, string Key, long Bytes);

    private static string ToParameter(string column) => column == "direction" ? "@DirectionWord" : $"@{JournalTable.ToProperty(column)}";

    private static DynamicParameters Parameters(EngineId engine, JournalRow row)
    {
        var all = new DynamicParameters(row);
        all.Add("Tenant", engine.Tenant);
        all.Add("Key", engine.Key);
        all.Add("DirectionWord", row.Direction == MessageDirection.Sent ? "sent" : "received");
        return all;
    }

    private async Task<long> CountAsync(DbTransaction tx, long id, JournalRow row)
    {
        await tx.Connection!.ExecuteAsync(_count, new { Id = id, row.Times, row.LastAt }, tx);
        return id;
    }
}
