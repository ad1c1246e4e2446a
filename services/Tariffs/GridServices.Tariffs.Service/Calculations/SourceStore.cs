using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>Declared dialects on disk.</summary>
internal static class SourceStore
{
    private const string Columns = "SELECT source_id AS Id, content AS Content, updated_at AS UpdatedAt FROM meter_sources WHERE tenant = @tenant";

    /// <summary>The dialect that a request names; without a name, one that declares nothing.</summary>
    /// <exception cref="ProblemException">UNKNOWN_ID.</exception>
    public static async Task<IntervalDialect> NamedAsync(HttpContext http, string? sourceId)
    {
        if (sourceId is null)
        {
            return new IntervalDialect();
        }

        var (store, tenant) = (http.RequestServices.GetRequiredService<Store>(), http.Caller().Tenant);
        var held = await store.ReadAsync(db => FindAsync(db, null, tenant, sourceId), http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.UnknownId, $"There is no source '{sourceId}'; PUT /v1/meter-sources/{{sourceId}} first.", "source");
        return IntervalDialectJson.Stored(held.Content);
    }

    public static Task<StoredSource?> FindAsync(DbConnection db, DbTransaction? tx, string tenant, string sourceId) =>
        db.QuerySingleOrDefaultAsync<StoredSource>($"{Columns} AND source_id = @sourceId", new { tenant, sourceId }, tx);

    public static async Task<IReadOnlyList<StoredSource>> ListAsync(DbConnection db, string tenant, string after, int most) =>
        [.. await db.QueryAsync<StoredSource>($"{Columns} AND source_id > @after ORDER BY source_id LIMIT @most", new { tenant, after, most })];

    public static Task PutAsync(DbTransaction tx, string tenant, string sourceId, string content, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO meter_sources (tenant, source_id, content, updated_at) VALUES (@tenant, @sourceId, @content, @now)
        ON CONFLICT (tenant, source_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
        """,
        new { tenant, sourceId, content, now },
        tx);

    public static Task DeleteAsync(DbTransaction tx, string tenant, string sourceId) =>
        tx.Connection!.ExecuteAsync("DELETE FROM meter_sources WHERE tenant = @tenant AND source_id = @sourceId", new { tenant, sourceId }, tx);
}

/// <summary>What was declared under an id.</summary>
internal sealed class StoredSource
{
    public string Id { get; set; } = string.Empty;
    public string Content { get; set; } = string.Empty;
    public Instant UpdatedAt { get; set; }
}
