using Dapper;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

public sealed class StoreStartTests
{
    private static Task<int> TamperAsync(TestStore place, string sql) => place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx));

    private static async Task<string> RefusalAsync(Func<Task> start)
    {
        var refusal = await Assert.ThrowsAsync<StartException>(start);
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal.Message;
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Migrations_run_once_however_often_the_service_starts(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(Outbox).Assembly, typeof(StoreTests).Assembly);
        var store = await place.ReopenAsync();
        var applied = await store.ReadAsync(db => db.QueryAsync<string>("SELECT id FROM schema_version ORDER BY id"));
        Assert.Equal(["0000_outbox", "0001_notes", "0001_published_stream"], applied);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task An_applied_migration_that_was_edited_is_refused(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(StoreTests).Assembly);
        await TamperAsync(place, "UPDATE schema_version SET sha256 = 'other'");
        Assert.Contains("'0001_notes'", await RefusalAsync(() => place.ReopenAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_store_newer_than_the_program_is_refused(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(StoreTests).Assembly);
        await TamperAsync(place, "INSERT INTO schema_version (id, sha256, applied_at) VALUES ('0099_future', 'x', 0)");
        Assert.Contains("newer than this program", await RefusalAsync(() => place.ReopenAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starters_at_once_on_postgresql_migrate_once_and_all_start()
    {
        await using var place = TestStores.Of(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        var stores = Enumerable.Range(0, 4).Select(_ => new Store(place.Options, [typeof(StoreTests).Assembly])).ToList();
        await Task.WhenAll(stores.Select(store => store.OpenAsync()));
        Assert.Equal(1, await stores[0].ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM schema_version")));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await using var second = new Store(place.Options, [typeof(StoreTests).Assembly]);
        Assert.Contains("in use by another process", await RefusalAsync(() => second.OpenAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        var file = Path.Combine(place.Folder, "a-file");
        await File.WriteAllTextAsync(file, "not a folder");
        await using var store = new Store(place.Options with { Folder = Path.Combine(file, "sub") }, [typeof(StoreTests).Assembly]);
        var message = await RefusalAsync(() => store.OpenAsync());
        Assert.Contains("can't be written", message, StringComparison.Ordinal);
        Assert.Contains("Storage:Path", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        await using var place = TestStores.Of(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await File.WriteAllTextAsync(Path.Combine(place.Folder, "test.db"), new string('x', 10_000));
        Assert.Contains("not a database", await RefusalAsync(() => place.Store.OpenAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=verysecret;Database=d;Timeout=2")]
    [InlineData("this is no connection string")]
    public async Task An_unreachable_postgresql_is_named_without_its_password(string connectionString)
    {
        var message = await RefusalAsync(async () =>
        {
            await using var store = new Store(new StoreOptions { Name = "test", PostgreSql = connectionString }, [typeof(StoreTests).Assembly]);
            await store.OpenAsync();
        });
        Assert.Contains("Storage:PostgreSql", message, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_libsqlite3_gets_one_line_and_exit_code_1()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        var ended = await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place), ("GRIDSERVICES_SQLITE_LIBRARY", "libnothere.so"));
        AssertOneLine(ended, "libsqlite3-0");
    }

    [Fact]
    public async Task A_store_in_use_gets_one_line_and_exit_code_1()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        await using var running = await ServiceApp.StartAsync(SampleApp.Build, place);
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place)), "in use by another process");
    }

    [Fact]
    public async Task A_port_in_use_gets_one_line_and_exit_code_1()
    {
        await using var running = await ServiceApp.StartAsync(SampleApp.Build);
        await using var place = TestStores.Of(Dialect.Sqlite);
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place, $"--urls={running.Address}")), "already in use");
    }

    [Fact]
    public async Task Without_a_tokens_file_the_service_does_not_start_and_says_how_to_make_one()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        AssertOneLine(await ChildProcess.RunAsync(["child-service", "--urls=http://127.0.0.1:0", .. place.Arguments]), "Auth:TokensFile");
    }

    [Fact]
    public async Task Anonymous_service_beyond_this_machine_is_refused()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        AssertOneLine(
            await ChildProcess.RunAsync(["child-service", "--urls=http://0.0.0.0:0", "--Auth:AllowAnonymous=true", .. place.Arguments]), "this machine only");
    }

    private static void AssertOneLine(ChildProcess.Ended ended, string expected)
    {
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(expected, ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Errors + ended.Output, StringComparison.Ordinal);
        Assert.Single(ended.Errors.TrimEnd().Split('\n'));
    }
}
