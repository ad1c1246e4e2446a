using System.Data.Common;
using Dapper;
using GridServices.EnvelopeHub.History;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>The sites that the store's writers have made, beside those that it has: a row of a site that is gone is missed.</summary>
internal static class SiteCount
{
    // One statement sees one moment: who makes a site counts it in the same transaction.
    private const string Both =
        """
        SELECT (SELECT CAST(SUM(sites) AS BIGINT) FROM commit_count) AS made,
            (SELECT CASE WHEN COUNT(names) = COUNT(*) THEN CAST(SUM(names) AS BIGINT) END FROM commit_count) AS names,
            (SELECT COUNT(*) FROM site) AS found
        """;

    /// <summary>What was made and what is there; in a snapshot, where the names count too.</summary>
    public static async Task<(SiteCensus Made, SiteCensus Found)> ReadAsync(DbConnection db, DbTransaction? tx, bool names)
    {
        var row = await db.QuerySingleAsync<CountRow>(Both, transaction: tx);
        var found = names ? await FoundAsync(db, tx) : new SiteCensus(row.Found, null);
        return (new SiteCensus(row.Made ?? 0, row.Names), found);
    }

    /// <summary>Takes what is there as what was made.</summary>
    public static async Task RecountAsync(DbTransaction tx)
    {
        var found = await FoundAsync(tx.Connection!, tx);
        await tx.Connection!.ExecuteAsync(
            """
            UPDATE commit_count SET sites = @Sites - COALESCE((SELECT SUM(o.sites) FROM commit_count o WHERE o.writer <> 'publications'), 0),
                names = @Names - COALESCE((SELECT SUM(o.names) FROM commit_count o WHERE o.writer <> 'publications'), 0)
            WHERE writer = 'publications'
            """,
            found,
            tx);
    }

    /// <summary>Sites of a version that did not add their names up.</summary>
    public static async Task RecountMissingNamesAsync(DbTransaction tx)
    {
        if (await tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM commit_count WHERE names IS NULL", transaction: tx) > 0)
        {
            await RecountAsync(tx);
        }
    }

    private static async Task<SiteCensus> FoundAsync(DbConnection db, DbTransaction? tx)
    {
        var found = SiteCensus.None;
        foreach (var row in await db.QueryAsync<NameRow>("SELECT tenant, site FROM site", transaction: tx))
        {
            found = found.With(row.Tenant, row.Site);
        }

        return found;
    }

    private sealed class CountRow
    {
        public long? Made { get; set; }
        public long? Names { get; set; }
        public long Found { get; set; }
    }

    private sealed class NameRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string Site { get; set; } = string.Empty;
    }
}
