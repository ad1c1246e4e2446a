using System.Data.Common;
using Dapper;
using Npgsql;

namespace GridServices.Hosting.Moving;

/// <summary>The schema that a store is moved into: nothing may be in it.</summary>
internal static class MoveTarget
{
    // Those of the right to write, which the move itself has taken.
    private const string Found = "SELECT tablename FROM pg_tables WHERE schemaname = @schema AND tablename NOT IN ('store_owner', 'store_owner_beat') ORDER BY tablename";

    // Nodes of a cluster add a name of their own.
    private const string Sessions =
        """
        SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND (application_name = @service OR starts_with(application_name, @service || ' '))
        """;

    /// <exception cref="StartException">There are tables, and they may not be dropped.</exception>
    internal static async Task EmptyAsync(NpgsqlConnection db, string place, string schema, bool mayDrop)
    {
        var tables = (await db.QueryAsync<string>(Found, new { schema })).ToList();
        if (tables.Count > 0 && !mayDrop)
        {
            throw new StartException(
                $"{place} has {tables.Count} tables already, {await FilledAsync(db, tables)}. Name an empty schema with --schema; or, where nothing in it is needed, drop its tables with --empty-target. Where a service worked there, what it stored is newer than the store to be moved.");
        }

        foreach (var table in tables)
        {
            await db.ExecuteAsync($"DROP TABLE {Quoted(table)} CASCADE");
        }
    }

    /// <summary>
    /// Where several processes may share a store nobody holds the right to write: whether one works there shows by its sessions alone, whatever their schema.
    /// Asked before the tables are dropped, and once they are: from then on nobody new gets at them.
    /// </summary>
    /// <returns>True.</returns>
    /// <exception cref="StartException">The service has sessions in this database.</exception>
    internal static async Task<bool> RequireUnusedAsync(DbConnection db, string place, string service)
    {
        var sessions = await db.ExecuteScalarAsync<long>(Sessions, new { service });
        return sessions == 0
            ? true
            : throw new StartException(
                $"{sessions} sessions of {service} are open in the database of {place}, and it may work on the tables that --empty-target would drop. Stop it, or name an empty schema with --schema.");
    }

    private static async Task<string> FilledAsync(NpgsqlConnection db, IReadOnlyList<string> tables)
    {
        var filled = new List<string>();
        foreach (var table in tables.Where(name => name is not ("schema_version" or "store_test")))
        {
            if (await db.ExecuteScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {Quoted(table)})"))
            {
                filled.Add(table);
            }
        }

        return filled.Count == 0 ? "none with rows" : $"{filled.Count} of them with rows ({string.Join(", ", filled.Take(5))}{(filled.Count > 5 ? ", …" : string.Empty)})";
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
