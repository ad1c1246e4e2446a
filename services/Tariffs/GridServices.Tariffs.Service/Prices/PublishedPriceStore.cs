using System.Data.Common;
using Dapper;
using GridServices.Tariffs.Service.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>What the price series of sites said last, on disk.</summary>
internal static class PublishedPriceStore
{
    private const string Columns =
        """
        SELECT tenant AS Tenant, site_id AS SiteId, meter_id AS MeterId, revision AS Revision, draft AS Draft, series AS Series, published_at AS PublishedAt, due_at AS DueAt
        FROM published_prices
        """;

    /// <summary>Every series that says something.</summary>
    public static async Task<IReadOnlyList<PublishedPriceRow>> LiveAsync(DbConnection db) => [.. await db.QueryAsync<PublishedPriceRow>($"{Columns} WHERE draft IS NOT NULL")];

    /// <summary>Those of a meter and that of a site, whoever stated it.</summary>
    public static async Task<List<PublishedPriceRow>> GetAsync(DbTransaction tx, string tenant, string meterId, string siteId) => [.. await tx.Connection!.QueryAsync<PublishedPriceRow>(
        $"{Columns} WHERE tenant = @tenant AND (meter_id = @meterId OR site_id = @siteId)", new { tenant, meterId, siteId }, tx)];

    public static Task SaveAsync(DbTransaction tx, PublishedPriceRow row) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO published_prices (tenant, site_id, meter_id, revision, draft, series, published_at, due_at)
        VALUES (@Tenant, @SiteId, @MeterId, @Revision, @Draft, @Series, @PublishedAt, @DueAt)
        ON CONFLICT (tenant, site_id) DO UPDATE
        SET meter_id = excluded.meter_id, revision = excluded.revision, draft = excluded.draft, series = excluded.series, published_at = excluded.published_at, due_at = excluded.due_at
        """,
        row,
        tx);

    /// <summary>Looked at no sooner than <paramref name="due"/>, unless it is woken; what was said stands. Reads nothing: what is stored may be what is damaged.</summary>
    public static Task PutOffAsync(DbTransaction tx, StoredMeter meter, string series, Instant now, Instant due) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO published_prices (tenant, site_id, meter_id, revision, draft, series, published_at, due_at) VALUES (@Tenant, @SiteId, @MeterId, 0, NULL, @series, @now, @due)
        ON CONFLICT (tenant, site_id) DO UPDATE SET meter_id = excluded.meter_id, series = excluded.series, due_at = excluded.due_at
        """,
        new { meter.Tenant, meter.Plan.SiteId, meter.MeterId, series, now, due },
        tx);

    /// <summary>A stored price series changed, of one tenant or (null) of all: who publishes prices that depend on it is due. One too many is due early, which does no harm.</summary>
    public static async Task WakeAsync(DbTransaction tx, string? tenant, string series, Instant now)
    {
        var of = new { tenant = tenant ?? string.Empty, all = tenant is null ? 1 : 0, naming = $"%|{series}|%", now };
        const string Affected = "(@all = 1 OR tenant = @tenant) AND series LIKE @naming AND due_at > @now";
        await tx.Connection!.ExecuteAsync(
            """
            UPDATE meters SET due_at = @now
            WHERE due_at > @now AND EXISTS (SELECT 1 FROM published_prices p WHERE p.tenant = meters.tenant AND p.meter_id = meters.meter_id AND (@all = 1 OR p.tenant = @tenant) AND p.series LIKE @naming)
            """,
            of,
            tx);
        await tx.Connection!.ExecuteAsync($"UPDATE published_prices SET due_at = @now WHERE {Affected}", of, tx);
    }

    /// <summary>A tariff changed: its meters are due, and so are the prices that they publish.</summary>
    public static async Task WakeTariffAsync(DbTransaction tx, string tenant, string tariffId, Instant now)
    {
        var of = new { tenant, tariffId, now };
        await tx.Connection!.ExecuteAsync(
            """
            UPDATE published_prices SET due_at = @now
            WHERE tenant = @tenant AND due_at > @now AND EXISTS (SELECT 1 FROM meters m WHERE m.tenant = published_prices.tenant AND m.meter_id = published_prices.meter_id AND m.tariff_id = @tariffId)
            """,
            of,
            tx);
        await tx.Connection!.ExecuteAsync("UPDATE meters SET due_at = @now WHERE tenant = @tenant AND tariff_id = @tariffId AND due_at > @now", of, tx);
    }
}
