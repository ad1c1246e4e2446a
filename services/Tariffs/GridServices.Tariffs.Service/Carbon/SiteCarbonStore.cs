using System.Data.Common;
using Dapper;
using NodaTime;

namespace GridServices.Tariffs.Service.Carbon;

/// <summary>What sites' carbon reports are made of, on disk.</summary>
internal static class SiteCarbonStore
{
    public static Task<StoredCarbonPlan?> FindAsync(DbConnection db, DbTransaction? tx, string tenant, string siteId) => db.QuerySingleOrDefaultAsync<StoredCarbonPlan>(
        "SELECT content AS Content, updated_at AS UpdatedAt FROM site_carbon_plans WHERE tenant = @tenant AND site_id = @siteId", new { tenant, siteId }, tx);

    /// <summary>The plans of all other sites.</summary>
    public static async Task<IReadOnlyList<StoredSitePlan>> OthersAsync(DbTransaction tx, string tenant, string siteId) => [.. await tx.Connection!.QueryAsync<StoredSitePlan>(
        "SELECT site_id AS SiteId, content AS Content FROM site_carbon_plans WHERE tenant = @tenant AND site_id <> @siteId ORDER BY site_id", new { tenant, siteId }, tx)];

    public static Task PutAsync(DbTransaction tx, string tenant, string siteId, string content, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO site_carbon_plans (tenant, site_id, content, updated_at) VALUES (@tenant, @siteId, @content, @now)
        ON CONFLICT (tenant, site_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
        """,
        new { tenant, siteId, content, now },
        tx);

    public static Task DeleteAsync(DbTransaction tx, string tenant, string siteId) =>
        tx.Connection!.ExecuteAsync("DELETE FROM site_carbon_plans WHERE tenant = @tenant AND site_id = @siteId", new { tenant, siteId }, tx);
}

/// <summary>The plan of a site.</summary>
internal sealed class StoredSitePlan
{
    public string SiteId { get; set; } = string.Empty;
    public string Content { get; set; } = string.Empty;
}

/// <summary>A plan as it is held.</summary>
internal sealed class StoredCarbonPlan
{
    public string Content { get; set; } = string.Empty;
    public Instant UpdatedAt { get; set; }
}
