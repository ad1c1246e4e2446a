using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace GridServices.Operations.Service.Console;

/// <summary>A filter of a list that a person gave a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Query">As in the address, with its question mark.</param>
internal sealed record SavedFilter(string Name, string Query);

/// <summary>Filters of lists, each a person's own.</summary>
internal sealed class SavedFilters(Store store, OperationsStore operations)
{
    internal const int MostOfPage = 50;

    /// <summary>The lists, and what of their address is a filter; where one is in a list does not belong to it.</summary>
    private static readonly Dictionary<string, string[]> Lists = new(StringComparer.Ordinal)
    {
        ["/sites"] = ["q", "tag", "customer"],
        ["/enrollments"] = ["state", "program", "attention", "certificate"],
        ["/events"] = ["past", "program"],
        ["/audit"] = ["actor", "kind", "site"],
    };

    internal static bool IsList(string page) => Lists.ContainsKey(page);

    /// <summary>What of an address is a filter of the list; empty where nothing is.</summary>
    internal static string SelectFilter(string page, string? query) => QueryHelpers.AddQueryString(
        string.Empty, QueryHelpers.ParseQuery(query).Where(q => Lists[page].Contains(q.Key, StringComparer.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(q.Value)).Select(q => KeyValuePair.Create(q.Key, (string?)q.Value.ToString())));

    internal Task<IReadOnlyList<SavedFilter>> ListAsync(string tenant, string userId, string page, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SavedFilter>>(
        async db => [.. (await db.QueryAsync<(string Name, string Query)>(
            "SELECT name, query FROM saved_filters WHERE tenant = @tenant AND user_id = @userId AND page = @page ORDER BY name", new { tenant, userId, page })).Select(f => new SavedFilter(f.Name, f.Query))],
        ct);

    /// <summary>Keeps it under the name, in the place of one of the same name.</summary>
    internal Task SaveAsync(Actor actor, string userId, string page, SavedFilter filter, CancellationToken ct) => operations.WriteAsync(
        actor,
        async transaction =>
        {
            await transaction.Tx.Connection!.ExecuteAsync(
                """
                INSERT INTO saved_filters (tenant, user_id, page, name, query) VALUES (@Tenant, @userId, @page, @Name, @Query)
                ON CONFLICT (tenant, user_id, page, name) DO UPDATE SET query = excluded.query
                """,
                new { actor.Tenant, userId, page, filter.Name, filter.Query },
                transaction.Tx);
            await transaction.AuditAsync("filter", $"{page}:{filter.Name}", "saved", null, null);
        },
        ct);

    internal Task DeleteAsync(Actor actor, string userId, string page, string name, CancellationToken ct) => operations.WriteAsync(
        actor,
        async transaction =>
        {
            if (await transaction.Tx.Connection!.ExecuteAsync(
                "DELETE FROM saved_filters WHERE tenant = @Tenant AND user_id = @userId AND page = @page AND name = @name", new { actor.Tenant, userId, page, name }, transaction.Tx) == 1)
            {
                await transaction.AuditAsync("filter", $"{page}:{name}", "deleted", null, null);
            }
        },
        ct);
}
