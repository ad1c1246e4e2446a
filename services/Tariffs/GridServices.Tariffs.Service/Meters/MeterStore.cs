using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Meters and where they stand, on disk.</summary>
internal static class MeterStore
{
    private const string Columns =
        """
        SELECT m.tenant AS Tenant, m.meter_id AS MeterId, m.plan AS PlanJson, s.memory AS MemoryJson, m.created_at AS CreatedAt, m.updated_at AS UpdatedAt
        FROM meters m LEFT JOIN meter_states s ON s.tenant = m.tenant AND s.meter_id = m.meter_id
        """;

    /// <summary>Nothing is put off for so long: what lies further ahead was put off by a clock that was ahead.</summary>
    private static readonly Duration Late = StreamStore.Refresh + Duration.FromMinutes(1);

    public static async Task<StoredMeter?> FindAsync(DbTransaction tx, string tenant, string meterId) => await tx.Connection!.QuerySingleOrDefaultAsync<StoredMeter>(
        $"{Columns} WHERE m.tenant = @tenant AND m.meter_id = @meterId", new { tenant, meterId }, tx);

    public static Task<ImmutableArray<StoredMeter>> ListBySitesAsync(DbTransaction tx, string tenant, IReadOnlyCollection<string> sites)
    {
        // Written out by name: Dapper's own lists differ between the two databases.
        var parameters = new DynamicParameters(new { tenant });
        var names = sites.Select((site, i) =>
        {
            parameters.Add($"s{i}", site);
            return $"@s{i}";
        }).ToArray();
        return QueryAsync(tx, $"{Columns} WHERE m.tenant = @tenant AND m.site_id IN ({string.Join(", ", names)}) ORDER BY m.meter_id", parameters);
    }

    public static Task<ImmutableArray<StoredMeter>> ListByTenantAsync(DbTransaction tx, string tenant, string after, int most) =>
        QueryAsync(tx, $"{Columns} WHERE m.tenant = @tenant AND m.meter_id > @after ORDER BY m.meter_id LIMIT @most", new { tenant, after, most });

    public static Task<ImmutableArray<StoredMeter>> DueAsync(DbTransaction tx, Instant now, int most) =>
        QueryAsync(tx, $"{Columns} WHERE m.due_at <= @now OR m.due_at > @late ORDER BY m.due_at LIMIT @most", new { now, late = now + Late, most });

    public static async Task<bool> AnyDueAsync(DbConnection db, Instant now) =>
        await db.QueryFirstOrDefaultAsync<string>("SELECT meter_id FROM meters WHERE due_at <= @now OR due_at > @late LIMIT 1", new { now, late = now + Late }) is not null;

    public static Task DelayAsync(DbTransaction tx, StoredMeter meter, Instant dueAt) =>
        tx.Connection!.ExecuteAsync("UPDATE meters SET due_at = @dueAt WHERE tenant = @Tenant AND meter_id = @MeterId", new { meter.Tenant, meter.MeterId, dueAt }, tx);

    /// <summary>Meters whose last step was of a later time than now are due: the clock was set back, and what they say may rest on a reading that is ahead of it.</summary>
    public static Task WakeAheadAsync(DbTransaction tx, Instant now) => tx.Connection!.ExecuteAsync(
        """
        UPDATE meters SET due_at = @now
        WHERE due_at > @now AND EXISTS (SELECT 1 FROM meter_states s WHERE s.tenant = meters.tenant AND s.meter_id = meters.meter_id AND s.updated_at > @now)
        """,
        new { now },
        tx);

    /// <summary>The intensity of a grid zone changed: meters that tell its excess are due. A name too many is due early, which does no harm.</summary>
    public static Task WakeAsync(DbTransaction tx, string tenant, string gridZone, Instant now) => tx.Connection!.ExecuteAsync(
        "UPDATE meters SET due_at = @now WHERE tenant = @tenant AND due_at > @now AND plan LIKE @naming", new { tenant, now, naming = $"%\"gridZone\":\"{gridZone}\"%" }, tx);

    /// <summary>The same of all tenants, for an intensity that was fetched for all.</summary>
    public static Task WakeAsync(DbTransaction tx, string gridZone, Instant now) => tx.Connection!.ExecuteAsync(
        "UPDATE meters SET due_at = @now WHERE due_at > @now AND plan LIKE @naming", new { now, naming = $"%\"gridZone\":\"{gridZone}\"%" }, tx);

    public static async Task<string?> OtherPublisherAsync(DbTransaction tx, string tenant, string meterId, MeterPlan plan)
    {
        var others = await ListBySitesAsync(tx, tenant, [plan.SiteId]);
        var (kind, id) = Boundary.GetKey(plan);
        return others.FirstOrDefault(o => o.MeterId != meterId && o.Plan.Publish && Boundary.GetKey(o.Plan) == (kind, id))?.MeterId;
    }

    /// <summary>Another meter that states the site's prices; null = there is none.</summary>
    public static async Task<string?> OtherPricesAsync(DbTransaction tx, string tenant, string meterId, string siteId) =>
        (await ListBySitesAsync(tx, tenant, [siteId])).FirstOrDefault(o => o.MeterId != meterId && o.Plan.StatesPrices())?.MeterId;

    public static Task PutAsync(DbTransaction tx, string tenant, string meterId, MeterPlan plan, string json, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO meters (tenant, meter_id, site_id, tariff_id, plan, due_at, created_at, updated_at) VALUES (@tenant, @meterId, @SiteId, @TariffId, @json, @now, @now, @now)
        ON CONFLICT (tenant, meter_id) DO UPDATE
        SET site_id = excluded.site_id, tariff_id = excluded.tariff_id, plan = excluded.plan, due_at = excluded.due_at, updated_at = excluded.updated_at
        """,
        new { tenant, meterId, plan.SiteId, plan.TariffId, json, now },
        tx);

    public static Task DeleteAsync(DbTransaction tx, string tenant, string meterId) =>
        tx.Connection!.ExecuteAsync("DELETE FROM meters WHERE tenant = @tenant AND meter_id = @meterId", new { tenant, meterId }, tx);

    public static async Task SaveAsync(DbTransaction tx, StoredMeter meter, MeterMemory memory, Instant dueAt, Instant now)
    {
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO meter_states (tenant, meter_id, memory, updated_at) VALUES (@Tenant, @MeterId, @memory, @now)
            ON CONFLICT (tenant, meter_id) DO UPDATE SET memory = excluded.memory, updated_at = excluded.updated_at
            """,
            new { meter.Tenant, meter.MeterId, memory = memory.Write(), now },
            tx);
        await DelayAsync(tx, meter, dueAt);
    }

    private static async Task<ImmutableArray<StoredMeter>> QueryAsync(DbTransaction tx, string sql, object parameters) =>
        [.. await tx.Connection!.QueryAsync<StoredMeter>(sql, parameters, tx)];
}

/// <summary>A meter as it was committed last.</summary>
internal sealed class StoredMeter
{
    private MeterPlan? plan;

    public string Tenant { get; set; } = string.Empty;
    public string MeterId { get; set; } = string.Empty;
    public string PlanJson { get; set; } = string.Empty;
    public string? MemoryJson { get; set; }
    public Instant CreatedAt { get; set; }
    public Instant UpdatedAt { get; set; }

    public MeterPlan Plan => plan ??= MeterPlanJson.Stored(PlanJson);

    public MeterMemory Memory => MemoryJson is null ? MeterMemory.Empty : MeterMemory.Read(MemoryJson);
}
