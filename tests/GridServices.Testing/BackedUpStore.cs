using System.Diagnostics;
using GridServices.Hosting.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace GridServices.Testing;

/// <summary>A service's store, kept and put back as docs/operations.md says.</summary>
public sealed class BackedUpStore(TestStore store, string service) : IAsyncDisposable
{
    private int _copies;

    public TestStore Place => store;

    private string Database => Path.Combine(store.Folder, service + ".db");

    private string Marker => Path.Combine(store.Folder, service + ".history");

    /// <summary>A backup, while the service runs.</summary>
    /// <returns>Where it lies.</returns>
    public async Task<string> BackUpAsync()
    {
        var copy = Path.Combine(store.Folder, $"backup-{_copies++}");
        if (store.Dialect == Dialect.PostgreSql)
        {
            await RunAsync("pg_dump", [.. Server(), "--schema", store.Schema, "--file", copy]);
        }
        else
        {
            // What the shell's .backup does.
            await using var from = new SqliteConnection($"Data Source={Database};Pooling=false");
            await using var to = new SqliteConnection($"Data Source={copy};Pooling=false");
            await from.OpenAsync();
            await to.OpenAsync();
            from.BackupDatabase(to);
        }

        if (File.Exists(Marker))
        {
            File.Copy(Marker, copy + ".history");
        }

        return copy;
    }

    /// <summary>The service is stopped: its store is put back.</summary>
    public async Task RestoreAsync(string copy)
    {
        await LoseAsync();
        if (store.Dialect == Dialect.PostgreSql)
        {
            await RunAsync("psql", [.. Server(), "--quiet", "--set", "ON_ERROR_STOP=1", "--file", copy]);
        }
        else
        {
            File.Copy(copy, Database);
        }
    }

    /// <summary>The service is stopped: its store goes, the marker beside it stays.</summary>
    public async Task LoseAsync()
    {
        if (store.Dialect == Dialect.PostgreSql)
        {
            await using var source = NpgsqlDataSource.Create(store.Options.PostgreSql!);
            await using var drop = source.CreateCommand($"DROP SCHEMA \"{store.Schema}\" CASCADE");
            await drop.ExecuteNonQueryAsync();
            return;
        }

        foreach (var file in new[] { Database, Database + "-wal", Database + "-shm" })
        {
            File.Delete(file);
        }
    }

    /// <summary>A whole machine that is put back has its marker put back as well.</summary>
    public void RestoreMarker(string copy) => File.Copy(copy + ".history", Marker, overwrite: true);

    public void LoseMarker() => File.Delete(Marker);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private string[] Server()
    {
        var server = new NpgsqlConnectionStringBuilder(store.Options.PostgreSql);
        return ["--host", server.Host!, "--port", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--username", server.Username!, "--dbname", server.Database!];
    }

    private async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program), arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PGPASSWORD"] = new NpgsqlConnectionStringBuilder(store.Options.PostgreSql).Password;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {errors}{await output}");
    }

    private static string Find(string program)
    {
        IEnumerable<string> installed = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal) : [];
        return installed.Select(version => Path.Combine(version, "bin", program)).FirstOrDefault(File.Exists) ?? program;
    }
}
