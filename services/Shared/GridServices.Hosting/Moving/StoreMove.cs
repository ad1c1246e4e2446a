using System.Data;
using System.Reflection;
using Dapper;
using GridServices.Hosting.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;

namespace GridServices.Hosting.Moving;

/// <summary>
/// Moves a service's SQLite store into a schema of PostgreSQL.
/// <code>
///   old store locked ─▶ one read ─▶ [ tables made, rows copied, both sides compared, old store marked "begun" ] commit ─▶ marked "done"
/// </code>
/// Everything in the target is one transaction: a move that ends anywhere leaves it as it was, and the old store in use.
/// </summary>
internal sealed class StoreMove(ServiceIdentity service, string folder, IReadOnlyList<Assembly> assemblies, IReadOnlyList<MoveEnding> endings, IClock clock, TextWriter output)
{
    private static readonly string[] OwnTables = ["schema_version", "store_test"];
    private readonly MoveMarker _mark = new(Path.GetFullPath(folder), service.Name);
    private readonly IReadOnlyList<Migration> _migrations = [.. assemblies.SelectMany(Migration.In)];

    private string File => Path.Combine(Path.GetFullPath(folder), service.Name + ".db");

    /// <param name="connection">Of the target.</param>
    /// <param name="schema">Of the target.</param>
    /// <param name="emptyTarget">Tables that the schema has are dropped.</param>
    /// <param name="ct">Gives up; nothing was moved then.</param>
    /// <exception cref="StartException">It can't be done, and nothing was.</exception>
    /// <exception cref="StoreUnavailableException">The database is away; <see cref="StoreUnavailableException.OutcomeUnknown"/> says whether the move may have gone through.</exception>
    internal async Task RunAsync(string connection, string schema, bool emptyTarget, CancellationToken ct)
    {
        if (!System.IO.File.Exists(File))
        {
            throw new StartException($"There is no store {File} to be moved. Name its folder with Storage:Path.");
        }

        await using var from = new SqliteBackend(new StoreOptions { Name = service.Name, Folder = folder, IgnoresMoveMark = true }, NullLogger.Instance);
        await from.OpenAsync(ct);
        if (_mark.IsDone)
        {
            throw new StartException(_mark.Refusal(File));
        }

        await from.SnapshotAsync(tx => Migration.RequireCurrentAsync(tx, _migrations, File), ct);
        await using var to = new PostgreSqlBackend(
            new StoreOptions { Name = "move-store of " + service.Name, PostgreSql = connection, Schema = schema, OneWriter = true, IgnoresMoveMark = true }, NullLogger.Instance);
        if (_mark.BegunTo is { } begun && begun != to.Place)
        {
            throw new StartException(
                $"A move of the store {File} to {begun} began and did not report its end, so that the store may be there. "
                + $"Move it there again with --to and --schema, or delete {_mark.Path} where nothing of it is there.");
        }

        await to.OpenAsync(ct);
        if (!await to.TryOwnAsync(ct))
        {
            throw new StartException($"{await to.OwnerAsync(ct)} works on {to.Place}. Stop it, or name another schema with --schema.");
        }

        if (MayBeShared && emptyTarget)
        {
            await to.ReadAsync(db => MoveTarget.RequireUnusedAsync(db, to.Place, service.Name), ct);
        }

        await output.WriteLineAsync($"{service.Name}: {File} -> {to.Place}");
        var rows = await from.SnapshotAsync(read => CommitAsync((SqliteTransaction)read, to, schema, emptyTarget, ct), ct);
        End(to.Place);
        await to.ReleaseAsync();
        await WriteSummaryAsync(rows, to.Place);
    }

    private bool MayBeShared => service.SharesStore || service.Clusters;

    private void End(string place)
    {
        try
        {
            _mark.End(place, clock.GetCurrentInstant());
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"All rows are in {place}, but {_mark.Path} could not be written to say so ({full.Message}), and the service starts on neither store. "
                + "Make room, or give this account the right to write there, and run move-store again with --empty-target.",
                full);
        }
    }

    private async Task<long> CommitAsync(SqliteTransaction read, PostgreSqlBackend to, string schema, bool emptyTarget, CancellationToken ct)
    {
        try
        {
            return await to.WriteAsync(
                async write =>
                {
                    var rows = await FillAsync(read, (NpgsqlTransaction)write, to, schema, emptyTarget, ct);
                    ct.ThrowIfCancellationRequested();
                    _mark.Begin(to.Place, clock.GetCurrentInstant());
                    return rows;
                },
                IsolationLevel.ReadCommitted,
                CancellationToken.None);
        }
        catch (Exception fault) when (fault is not StoreUnavailableException { OutcomeUnknown: true })
        {
            _mark.Undo();
            throw;
        }
    }

    private async Task<long> FillAsync(SqliteTransaction read, NpgsqlTransaction write, PostgreSqlBackend to, string schema, bool emptyTarget, CancellationToken ct)
    {
        var db = write.Connection!;
        await to.LockAsync(write);
        await MoveTarget.EmptyAsync(db, to.Place, schema, emptyTarget);
        if (MayBeShared && emptyTarget)
        {
            await MoveTarget.RequireUnusedAsync(db, to.Place, service.Name);
        }

        await Migration.ApplyAsync(write, Dialect.PostgreSql, _migrations, to.Place, clock.GetCurrentInstant().ToUnixTimeTicks());
        var rows = 0L;
        foreach (var name in await NamesAsync(read))
        {
            var table = await MovedTable.FindAsync(name, read.Connection!, db);
            var copied = await table.CopyAsync(read, db, output, ct);
            await table.SetIdentityAsync(read, db);
            Compare(name, copied, await table.DigestAsync(db, ct));
            rows += copied.Rows;
            await output.WriteLineAsync($"  {name}: {copied.Rows} rows, {copied.Hash[..16]}");
        }

        foreach (var ending in endings)
        {
            await ending.RunAsync(write);
        }

        return rows;
    }

    /// <exception cref="StartException">The target does not hold what was read.</exception>
    internal static void Compare(string table, RowDigest copied, RowDigest found)
    {
        if (copied.Rows != found.Rows || !string.Equals(copied.Hash, found.Hash, StringComparison.Ordinal))
        {
            throw new StartException(
                $"The table '{table}' came out different: {copied.Rows} rows of hash {copied.Hash} were sent, {found.Rows} rows of hash {found.Hash} are there. Nothing was moved. Look for triggers or rules in the schema, and at the machine's disk and memory.");
        }
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(SqliteTransaction read) =>
        [.. (await read.Connection!.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY name", transaction: read))
            .Except(OwnTables, StringComparer.Ordinal)];

    private async Task WriteSummaryAsync(long rows, string place)
    {
        await output.WriteLineAsync($"{rows} rows were moved; numbers and hashes are the same on both sides. The old store is as it was, and {_mark.Path} keeps the service from starting on it.");
        await output.WriteLineAsync(
            $"Now set Storage:PostgreSql{(service.Clusters ? " (for several instances: Cluster:PostgreSql instead)" : string.Empty)}, "
            + $"and Storage:Schema where it is not the default, to {place}, and start the service.");
        if (ListOtherFiles() is { Length: > 0 } beside)
        {
            await output.WriteLineAsync($"Leave Storage:Path as it is: files beside the store are not moved, and are used from there: {beside}.");
        }
    }

    private string ListOtherFiles()
    {
        try
        {
            return string.Join(", ", Directory.EnumerateFileSystemEntries(Path.GetFullPath(folder)).Select(Path.GetFileName)
                .Where(name => !name!.StartsWith(service.Name + ".db", StringComparison.Ordinal) && !string.Equals(name, Path.GetFileName(_mark.Path), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            // The move itself is done.
            return $"(the folder can't be listed: {closed.Message})";
        }
    }
}
