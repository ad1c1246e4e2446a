using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace GridServices.Hosting.Storage;

/// <summary>One embedded <c>sql/NNNN_name.sql</c>; applied once, in the order of its id, and never changed afterwards.</summary>
internal sealed record Migration(string Id, string Sql)
{
    private const string Table =
        "CREATE TABLE IF NOT EXISTS schema_version (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)";

    /// <summary>Over the text with tokens and with LF line ends, so that it is the same on both databases and on every checkout.</summary>
    internal string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    internal static IEnumerable<Migration> In(Assembly assembly) => assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("sql/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(name => new Migration(Path.GetFileNameWithoutExtension(name), Text(assembly, name)));

    /// <summary>Applies what is missing inside <paramref name="tx"/>, which holds the lock that keeps other starters out.</summary>
    internal static async Task ApplyAsync(DbTransaction tx, Dialect dialect, IReadOnlyList<Migration> migrations, string place, long nowTicks)
    {
        var db = tx.Connection!;
        await db.ExecuteAsync(Table, transaction: tx);
        await db.ExecuteAsync(dialect.Expand(TestRow.Table), transaction: tx);
        var applied = (await db.QueryAsync<(string Id, string Sha256)>("SELECT id, sha256 FROM schema_version", transaction: tx))
            .ToDictionary(row => row.Id, row => row.Sha256, StringComparer.Ordinal);
        Check(migrations, applied, place);
        foreach (var migration in migrations.Where(migration => !applied.ContainsKey(migration.Id)))
        {
            await db.ExecuteAsync(dialect.Expand(migration.Sql), transaction: tx);
            await db.ExecuteAsync(
                "INSERT INTO schema_version (id, sha256, applied_at) VALUES (@Id, @Sha256, @nowTicks)",
                new { migration.Id, migration.Sha256, nowTicks },
                tx);
        }
    }

    /// <summary>The store is exactly as this program makes it.</summary>
    /// <returns>True.</returns>
    /// <exception cref="StartException">It is older or newer.</exception>
    internal static async Task<bool> RequireCurrentAsync(DbTransaction tx, IReadOnlyList<Migration> migrations, string place)
    {
        var db = tx.Connection!;
        var applied = await db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", transaction: tx) == 0
            ? []
            : (await db.QueryAsync<(string Id, string Sha256)>("SELECT id, sha256 FROM schema_version", transaction: tx)).ToDictionary(row => row.Id, row => row.Sha256, StringComparer.Ordinal);
        Check(migrations, applied, place);
        return migrations.FirstOrDefault(migration => !applied.ContainsKey(migration.Id)) is { } missing
            ? throw new StartException(
                $"The store {place} is older than this program (it lacks '{missing.Id}'). Start this version of the service on it once, stop it, and move the store then.")
            : true;
    }

    private static void Check(IReadOnlyList<Migration> migrations, Dictionary<string, string> applied, string place)
    {
        var known = migrations.ToDictionary(migration => migration.Id, migration => migration.Sha256, StringComparer.Ordinal);
        var newer = applied.Keys.Where(id => !known.ContainsKey(id)).Order(StringComparer.Ordinal).FirstOrDefault();
        if (newer is not null)
        {
            throw new StartException(
                $"The store {place} is newer than this program (it has '{newer}', which this program does not know). Start the newer program, or restore a backup.");
        }

        var changed = applied.Keys.Where(id => !string.Equals(known[id], applied[id], StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();
        if (changed is not null)
        {
            throw new StartException(
                $"The store {place} was made with another text of migration '{changed}'. An applied migration is never edited: restore its text, or add a new one.");
        }
    }

    private static string Text(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
