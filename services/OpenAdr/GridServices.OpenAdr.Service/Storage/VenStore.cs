using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Service.Storage;

/// <summary>VENs, their states and their report points on disk.</summary>
public sealed class VenStore(Store store)
{
    /// <summary>Every VEN there is, or the one asked for, as it was committed last.</summary>
    public Task<IReadOnlyList<ReadVen>> LoadAsync(EngineId? only, CancellationToken ct) =>
        store.SnapshotAsync<IReadOnlyList<ReadVen>>(
            async tx =>
            {
                var (where, key) = (only is null ? string.Empty : "WHERE v.tenant = @Tenant AND v.ven_key = @Key", new { only?.Tenant, only?.Key });
                var vens = await tx.Connection!.QueryAsync<VenRow>(
                    $"""
                    SELECT v.tenant AS Tenant, v.ven_key AS VenKey, v.config AS Config, s.state AS State
                    FROM vens v LEFT JOIN ven_states s ON s.tenant = v.tenant AND s.ven_key = v.ven_key
                    {where}
                    ORDER BY v.created_at, v.tenant, v.ven_key
                    """,
                    key,
                    tx);
                var points = (await tx.Connection!.QueryAsync<PointRow>(
                    $"""
                    SELECT v.tenant AS Tenant, v.ven_key AS VenKey, v.r_id AS RId, v.at AS At, v.value AS Value, v.manual_override AS ManualOverride
                    FROM report_points v
                    {where}
                    ORDER BY v.tenant, v.ven_key, v.r_id, v.at
                    """,
                    key,
                    tx)).ToLookup(p => new EngineId(p.Tenant, p.VenKey));
                return [.. vens.Select(v => v.ToVen(points[new EngineId(v.Tenant, v.VenKey)]))];
            },
            ct);

    /// <summary>The ids of all VENs, or of the one asked for.</summary>
    public async Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct) => [.. await store.ReadAsync(
        db => db.QueryAsync<EngineId>(
            $"SELECT tenant AS Tenant, ven_key AS Key FROM vens{(only is null ? string.Empty : " WHERE tenant = @Tenant AND ven_key = @Key")}", new { only?.Tenant, only?.Key }),
        ct)];

    /// <summary>The configurations of all VENs, or of the one asked for, as the transaction sees them; null for each that can't be read.</summary>
    public static async Task<IReadOnlyList<(EngineId Id, VenConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only) =>
    [
        .. (await tx.Connection!.QueryAsync<VenRow>(
            $"SELECT tenant AS Tenant, ven_key AS VenKey, config AS Config FROM vens{(only is null ? string.Empty : " WHERE tenant = @Tenant AND ven_key = @Key")}", new { only?.Tenant, only?.Key }, tx))
            .Select(row => (new EngineId(row.Tenant, row.VenKey), IllegibleRow.Read<VenConfig>(row.Config))),
    ];

    /// <summary>The state that a deleted VEN of this key left behind, as it was written; null: none did.</summary>
    public Task<string?> LeftBehindAsync(EngineId ven, CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<string?>("SELECT state FROM ven_states WHERE tenant = @Tenant AND ven_key = @Key", new { ven.Tenant, ven.Key }), ct);

    /// <summary>All states of a tenant, as they were written.</summary>
    public async Task<IReadOnlyList<string>> StatesAsync(string tenant, CancellationToken ct) =>
        [.. await store.ReadAsync(db => db.QueryAsync<string>("SELECT state FROM ven_states WHERE tenant = @tenant", new { tenant }), ct)];

    public static Task SaveConfigAsync(DbTransaction tx, EngineId ven, VenConfig config, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO vens (tenant, ven_key, config, created_at, updated_at) VALUES (@Tenant, @Key, @config, @now, @now)
        ON CONFLICT (tenant, ven_key) DO UPDATE SET config = excluded.config, updated_at = excluded.updated_at
        """,
        new { ven.Tenant, ven.Key, config = JsonSerializer.Serialize(config, ContractJson.Options), now },
        tx);

    /// <summary>The VEN goes; its state stays for the revisions in it.</summary>
    public static Task DeleteConfigAsync(DbTransaction tx, EngineId ven) => tx.Connection!.ExecuteAsync(
        """
        DELETE FROM vens WHERE tenant = @Tenant AND ven_key = @Key;
        DELETE FROM report_points WHERE tenant = @Tenant AND ven_key = @Key;
        """,
        new { ven.Tenant, ven.Key },
        tx);

    /// <summary>Writes what differs between the two states.</summary>
    public static async Task SaveStateAsync(DbTransaction tx, EngineId ven, VenState? before, VenState after, Instant now)
    {
        if (before is null)
        {
            // What one of this key left, that could not be read, is no measurement of this one.
            await tx.Connection!.ExecuteAsync("DELETE FROM report_points WHERE tenant = @Tenant AND ven_key = @Key", new { ven.Tenant, ven.Key }, tx);
        }

        if (before is null || !OnlyPointsDiffer(before, after))
        {
            await tx.Connection!.ExecuteAsync(
                """
                INSERT INTO ven_states (tenant, ven_key, state, updated_at) VALUES (@Tenant, @Key, @state, @now)
                ON CONFLICT (tenant, ven_key) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at
                """,
                new { ven.Tenant, ven.Key, state = Encoding.UTF8.GetString(VenStateJson.Write(WithoutPoints(after))), now },
                tx);
        }

        await PointChanges.Between(before?.Points, after.Points).SaveAsync(tx, ven);
    }

    /// <summary>True where writing can wait for the next flush: the hub still holds the readings.</summary>
    public static bool OnlyPointsDiffer(VenState before, VenState after) =>
        ReferenceEquals(before, after) || before with { Points = after.Points, Link = after.Link } == after;

    private static VenState WithoutPoints(VenState state) => state with { Points = VenState.Initial.Points };

    private sealed class VenRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string VenKey { get; set; } = string.Empty;
        public string Config { get; set; } = string.Empty;
        public string? State { get; set; }

        public ReadVen ToVen(IEnumerable<PointRow> points)
        {
            var id = new EngineId(Tenant, VenKey);
            try
            {
                var config = JsonSerializer.Deserialize<VenConfig>(Config, ContractJson.Options)!;
                var state = State is null ? VenState.Initial : VenStateJson.Read(Encoding.UTF8.GetBytes(State));
                var held = points.GroupBy(p => p.RId, StringComparer.Ordinal)
                    .ToImmutableSortedDictionary(g => g.Key, g => ValueList.Create<ReportPoint>([.. g.Select(p => p.ToPoint())]), StringComparer.Ordinal);
                return new ReadVen(id, new StoredVen(id, config, state with { Points = held }), null);
            }
            catch (Exception e) when (IllegibleRow.Explains(e))
            {
                return new ReadVen(id, null, SafeText.Line(e.Message));
            }
        }
    }

    private sealed class PointRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string VenKey { get; set; } = string.Empty;
        public string RId { get; set; } = string.Empty;
        public Instant At { get; set; }
        public long? Value { get; set; }
        public long? ManualOverride { get; set; }

        public ReportPoint ToPoint() => new(At, Value, ManualOverride is { } flag ? flag != 0 : null);
    }
}

/// <summary>A VEN as it was committed last.</summary>
public sealed record StoredVen(EngineId Id, VenConfig Config, VenState State);

/// <summary>A VEN that was read, or the reason why it can't be: that one alone is not run.</summary>
public sealed record ReadVen(EngineId Id, StoredVen? Ven, string? Problem);
