using System.Data.Common;
using Dapper;
using GridServices.Hosting.Moving;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Hosting.Tests.Moving;

/// <summary>From SQLite to PostgreSQL: everything, or nothing and a sentence that says why.</summary>
public sealed class MoveStoreTests
{
    private static readonly Func<string[], WebApplication> Build = SampleApp.Build;

    [Fact]
    public async Task Rows_types_and_the_numbers_that_were_given_out_come_along_and_the_old_store_stays_as_it_was()
    {
        await using var from = await FilledAsync();
        var old = await File.ReadAllBytesAsync(GetFile(from), TestContext.Current.CancellationToken);

        await using var to = await MovedStore.MoveAsync(Build, from);

        Assert.Equal(["1|me|-5|00ff27|", "2|ü €\uFFFD\n|9223372036854775807||null"], await to.SqlAsync(
            "SELECT id || '|' || author || '|' || written_at || '|' || COALESCE(encode(payload, 'hex'), '') || '|' || CASE WHEN payload IS NULL THEN 'null' ELSE '' END FROM note ORDER BY id"));
        Assert.Equal(["7"], await to.SqlAsync("SELECT value FROM counter"));

        // The row of number 3 was deleted; its number may be in somebody's cursor.
        Assert.Equal(["4"], await to.SqlAsync("INSERT INTO note (author, written_at) VALUES ('later', 0) RETURNING id"));
        Assert.Equal(old, await File.ReadAllBytesAsync(GetFile(from), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_old_store_is_refused_until_a_person_deletes_the_mark()
    {
        await using var from = await FilledAsync();
        await using var to = await MovedStore.MoveAsync(Build, from);

        var refused = await Assert.ThrowsAsync<StartException>(() => ServiceApp.StartAsync(Build, from));
        Assert.Contains("was moved to PostgreSQL", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"delete {GetMarker(from)}", refused.Message, StringComparison.Ordinal);
        await DemandRefusedAsync(from, to, "was moved to PostgreSQL", "--empty-target");

        File.Delete(GetMarker(from));
        await (await ServiceApp.StartAsync(Build, from)).DisposeAsync();
    }

    [Fact]
    public async Task While_the_service_runs_nothing_is_moved()
    {
        await using var from = TestStores.Create(Dialect.Sqlite);
        await using var to = from.OnPostgreSql();
        await using var service = await ServiceApp.StartAsync(Build, from);
        await DemandRefusedAsync(from, to, "is in use by another process");
    }

    [Fact]
    public async Task A_target_with_tables_is_refused_and_emptied_only_when_that_is_asked_for()
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        await to.SqlAsync($"CREATE SCHEMA \"{to.Schema}\"; CREATE TABLE \"{to.Schema}\".note (id BIGINT); INSERT INTO \"{to.Schema}\".note VALUES (1)");

        await DemandRefusedAsync(from, to, "1 of them with rows (note)");
        Assert.False(File.Exists(GetMarker(from)));

        var (code, said) = await MovedStore.RunAsync(Build, from, to, ["--empty-target"]);
        Assert.True(code == 0, said);
        Assert.Equal(["2"], await to.SqlAsync("SELECT COUNT(*) FROM note"));
    }

    [Fact]
    public async Task A_service_that_works_on_the_target_is_not_disturbed()
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        await using var service = await ServiceApp.StartAsync(Build, to);
        await DemandRefusedAsync(from, to, "Stop it, or name another schema", "--empty-target");
    }

    [Theory]
    [InlineData("DELETE FROM schema_version WHERE id = (SELECT MAX(id) FROM schema_version)", "is older than this program")]
    [InlineData("INSERT INTO schema_version VALUES ('9999_future', 'x', 0)", "is newer than this program")]
    [InlineData("DROP TABLE schema_version", "is older than this program")]
    [InlineData("CREATE TABLE somebodys (x TEXT)", "The table 'somebodys' of the old store is not one that this program makes")]
    [InlineData("UPDATE note SET author = 'a' || char(0) WHERE id = 1", "U+0000")]
    [InlineData("UPDATE note SET author = CAST(x'ff41' AS TEXT) WHERE id = 1", "a text that is not UTF-8 in column 'author' of table 'note'")]
    [InlineData("UPDATE note SET written_at = 1.5 WHERE id = 1", "a value of the type Double in column 'written_at' of table 'note'")]
    public async Task What_is_not_a_store_of_this_version_is_refused_with_what_to_do(string sql, string expected)
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        await SqlAsync(from, sql);
        await DemandRefusedAsync(from, to, expected);
        Assert.Empty(await TablesAsync(to));
        Assert.False(File.Exists(GetMarker(from)));
    }

    [Fact]
    public async Task Where_there_is_no_store_none_is_made()
    {
        await using var from = TestStores.Create(Dialect.Sqlite);
        await using var to = from.OnPostgreSql();
        await DemandRefusedAsync(from, to, "There is no store");
        Assert.Empty(Directory.EnumerateFiles(from.Folder));
    }

    [Fact]
    public async Task A_move_that_is_given_up_leaves_nothing_and_is_begun_again_without_more_ado()
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        using var stop = new CancellationTokenSource();
        await using var output = new At("  note:", stop.Cancel);
        var (code, _) = await MovedStore.RunAsync(Build, from, to, output: output, ct: stop.Token);
        Assert.Equal(1, code);
        Assert.Empty(await TablesAsync(to));

        await (await ServiceApp.StartAsync(Build, from)).DisposeAsync();
        (code, var said) = await MovedStore.RunAsync(Build, from, to);
        Assert.True(code == 0, said);
    }

    // Killed in the one moment in which both may hold: neither is used until a person has looked.
    [Theory]
    [InlineData("store.before-commit", false)]
    [InlineData("store.after-commit", true)]
    public async Task After_a_kill_at_the_commit_the_old_store_is_refused_until_the_move_is_ended(string step, bool wentThrough)
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        var killed = await ChildProcess.RunAsync(
            ["child-service", "move-store", "--to", to.Options.PostgreSql!, "--schema", to.Schema, $"--Storage:Path={from.Folder}"], ("GS_CRASH_AT", step));
        Assert.Equal(137, killed.ExitCode);

        var refused = await Assert.ThrowsAsync<StartException>(() => ServiceApp.StartAsync(Build, from));
        Assert.Contains("it is not known which of the two holds. Run move-store again", refused.Message, StringComparison.Ordinal);
        Assert.Equal(wentThrough, (await TablesAsync(to)).Count > 0);
        await DemandRefusedStartAsync(to, "it is not known which of the two holds");
        await using var third = from.OnPostgreSql();
        await DemandRefusedStartAsync(third, "it is not known which of the two holds");
        await DemandRefusedAsync(from, third, $"schema {to.Schema} began and did not report its end, so that the store may be there");
        if (wentThrough)
        {
            await DemandRefusedAsync(from, to, "tables already");
        }

        var (code, said) = await MovedStore.RunAsync(Build, from, to, wentThrough ? ["--empty-target"] : []);
        Assert.True(code == 0, said);
        Assert.Equal(["2"], await to.SqlAsync("SELECT COUNT(*) FROM note"));
    }

    [Fact]
    public async Task An_empty_schema_beside_a_store_that_was_moved_is_no_beginning()
    {
        await using var from = await FilledAsync();
        await using var to = await MovedStore.MoveAsync(Build, from);
        await using var wrong = from.OnPostgreSql();
        await DemandRefusedStartAsync(wrong, $"has no store of sample, but {GetMarker(from)} says that its store was moved to PostgreSQL");
        Assert.Empty(await TablesAsync(wrong));
        await (await ServiceApp.StartAsync(Build, to)).DisposeAsync();

        File.Delete(GetMarker(from));
        await (await ServiceApp.StartAsync(Build, wrong)).DisposeAsync();
    }

    [Fact]
    public async Task The_tables_of_a_cluster_are_not_dropped_under_its_nodes()
    {
        await using var from = TestStores.Create(Dialect.Sqlite);
        await using var to = from.OnPostgreSql();
        var node = ClusteredApp(out _);
        await (await ServiceApp.StartAsync(node, from)).DisposeAsync();
        await using var service = await ServiceApp.StartAsync(node, to, [$"--Cluster:PostgreSql={to.Options.PostgreSql}"]);
        await to.SqlAsync("INSERT INTO note (author, written_at) VALUES ('newer', 1)");

        var (code, said) = await MovedStore.RunAsync(node, from, to, ["--empty-target"]);

        Assert.Equal(1, code);
        Assert.Contains(". Stop it, or name another schema", said, StringComparison.Ordinal);
        Assert.Equal(["newer"], await to.SqlAsync("SELECT author FROM note"));
    }

    [Fact]
    public async Task A_node_that_starts_while_the_tables_are_dropped_is_seen()
    {
        await using var from = TestStores.Create(Dialect.Sqlite);
        await using var to = from.OnPostgreSql();
        var (node, name) = (ClusteredApp(out var identity), identity.Name);
        await (await ServiceApp.StartAsync(node, from)).DisposeAsync();
        await to.SqlAsync($"CREATE SCHEMA \"{to.Schema}\"; CREATE TABLE \"{to.Schema}\".note (id BIGINT); INSERT INTO \"{to.Schema}\".note VALUES (5)");
        await using var session = new Npgsql.NpgsqlConnection(new Npgsql.NpgsqlConnectionStringBuilder(to.Options.PostgreSql) { ApplicationName = name + " 0123456789ab" }.ToString());
        await using var output = new At(name + ": ", session.Open);

        var (code, said) = await MovedStore.RunAsync(node, from, to, ["--empty-target"], output);

        Assert.Equal(1, code);
        Assert.Contains($"1 sessions of {name} are open", said, StringComparison.Ordinal);
        Assert.Equal(["5"], await to.SqlAsync("SELECT id FROM note"));
    }

    [Theory]
    [InlineData("Tariffs")]
    [InlineData("--empty-target")]
    [InlineData("two words")]
    [InlineData("a\"b")]
    public void A_schema_that_PostgreSQL_would_read_in_two_ways_is_refused(string schema)
    {
        Assert.Null(MoveArguments.Parse(["--schema", schema], out var problem));
        Assert.StartsWith($"--schema '{schema}' is no name for a schema", problem, StringComparison.Ordinal);
        Assert.Contains($"Storage:Schema '{schema}' is no name for a schema", Assert.Single(new StorageOptions { Schema = schema }.Validate()), StringComparison.Ordinal);
        Assert.Empty(new StorageOptions { Schema = "my-schema_2" }.Validate());
    }

    [Fact]
    public async Task Sessions_that_are_in_another_schema_touch_nothing_there()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(SampleApp).Assembly);
        await using var store = new Store(place.Options with { Schema = place.Schema.ToUpperInvariant() }, [typeof(SampleApp).Assembly]);
        var refused = await Assert.ThrowsAsync<StartException>(() => store.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"are in the schema {place.Schema}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_that_cannot_be_written_is_said_in_one_line_and_the_move_begun_again()
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        var obstacle = GetMarker(from) + ".new";
        Directory.CreateDirectory(obstacle);
        await DemandRefusedAsync(from, to, "is denied");
        Assert.Empty(await TablesAsync(to));
        await (await ServiceApp.StartAsync(Build, from)).DisposeAsync();
        Directory.Delete(obstacle);

        // After the commit: neither store is used before the move has come to its end.
        var clock = new ClockWithObstacle(GetMarker(from), obstacle);
        var (code, said) = await MovedStore.RunAsync(args => SampleApp.Build(args, builder => builder.Services.AddSingleton<IClock>(clock)), from, to);
        Assert.Equal(1, code);
        Assert.Contains($"but {GetMarker(from)} could not be written to say so", said, StringComparison.Ordinal);
        await DemandRefusedStartAsync(to, "it is not known which of the two holds");
        Directory.Delete(obstacle);
        (code, said) = await MovedStore.RunAsync(Build, from, to, ["--empty-target"]);
        Assert.True(code == 0, said);
        await (await ServiceApp.StartAsync(Build, to)).DisposeAsync();
    }

    [Fact]
    public async Task A_row_that_came_out_different_is_found()
    {
        await using var from = await FilledAsync();
        await using var to = await MovedStore.MoveAsync(Build, from);
        await to.SqlAsync("UPDATE note SET payload = '\\x00fe27' WHERE id = 1");
        await using var sqlite = new SqliteConnection($"Data Source={GetFile(from)};Pooling=false");
        await sqlite.OpenAsync(TestContext.Current.CancellationToken);
        await using var read = sqlite.BeginTransaction(deferred: true);
        await using var target = new Npgsql.NpgsqlConnection(new Npgsql.NpgsqlConnectionStringBuilder(to.Options.PostgreSql) { SearchPath = to.Schema }.ToString());
        await target.OpenAsync(TestContext.Current.CancellationToken);
        var table = await MovedTable.FindAsync("note", sqlite, target);
        var changed = await table.DigestAsync(target, TestContext.Current.CancellationToken);
        var copied = await table.CopyAsync(read, target, TextWriter.Null, TestContext.Current.CancellationToken);

        StoreMove.Compare("note", copied, await table.DigestAsync(target, TestContext.Current.CancellationToken));
        var found = Assert.Throws<StartException>(() => StoreMove.Compare("note", copied, changed));
        Assert.Contains("The table 'note' came out different: 2 rows of hash", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_beside_the_store_is_named()
    {
        await using var from = await FilledAsync();
        await using var to = from.OnPostgreSql();
        await File.WriteAllTextAsync(Path.Combine(from.Folder, "operations.keys"), "k", TestContext.Current.CancellationToken);
        var (_, said) = await MovedStore.RunAsync(Build, from, to);
        Assert.Contains("Leave Storage:Path as it is: files beside the store are not moved, and are used from there: operations.keys", said, StringComparison.Ordinal);
    }

    private static async Task<TestStore> FilledAsync()
    {
        var place = TestStores.Create(Dialect.Sqlite);
        await (await ServiceApp.StartAsync(Build, place)).DisposeAsync();
        await SqlAsync(place, """
            INSERT INTO note (author, written_at, payload) VALUES ('me', -5, x'00ff27'), ('ü €' || char(65533) || char(10), 9223372036854775807, NULL), ('gone', 0, NULL);
            DELETE FROM note WHERE id = 3;
            INSERT INTO counter (name, value) VALUES ('step', 7);
            """);
        return place;
    }

    private static async Task DemandRefusedAsync(TestStore from, TestStore to, string expected, params string[] more)
    {
        var (code, said) = await MovedStore.RunAsync(Build, from, to, more);
        Assert.Equal(1, code);
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> TablesAsync(TestStore to) =>
        await to.SqlAsync($"SELECT tablename FROM pg_tables WHERE schemaname = '{to.Schema}' AND tablename NOT LIKE 'store_owner%'");

    private static string GetFile(TestStore store) => Path.Combine(store.Folder, "sample.db");

    private static string GetMarker(TestStore store) => Path.Combine(store.Folder, "sample.moved");

    private static async Task SqlAsync(TestStore store, string sql)
    {
        await using DbConnection db = new SqliteConnection($"Data Source={GetFile(store)};Pooling=false");
        await db.ExecuteAsync(sql);
    }

    private static async Task DemandRefusedStartAsync(TestStore store, string expected)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => ServiceApp.StartAsync(Build, store));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Of a name of its own: its sessions are counted in a database that other tests use.</summary>
    private static Func<string[], WebApplication> ClusteredApp(out ServiceIdentity identity)
    {
        var clustered = identity = SampleApp.Identity with { Name = $"sample-{Guid.NewGuid():N}", Clusters = true };
        return args => SampleApp.Build(args, _ => { }, clustered);
    }

    /// <summary>Does something when a line begins so.</summary>
    private sealed class At(string begin, Action act) : StringWriter
    {
        public override Task WriteLineAsync(string? value)
        {
            if (value?.StartsWith(begin, StringComparison.Ordinal) == true)
            {
                act();
            }

            return base.WriteLineAsync(value);
        }
    }
}
