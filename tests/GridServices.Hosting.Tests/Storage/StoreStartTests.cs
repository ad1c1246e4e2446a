using Dapper;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

public sealed class StoreStartTests
{
    private static Task<int> TamperAsync(TestStore store, string sql) => store.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx));

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
        Assert.Equal(["0000_outbox", "0001_notes", "0001_published_stream", "0002_outbox_proof", "0003_published_proof", "0004_waiting", "0005_cluster"], applied);
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
        await using var place = TestStores.Create(Dialect.PostgreSql, typeof(StoreTests).Assembly);
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
        await using var place = TestStores.Create(Dialect.Sqlite);
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
        await using var place = TestStores.Create(Dialect.Sqlite, typeof(StoreTests).Assembly);
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
    public async Task An_installation_without_its_sqlite_library_gets_one_line_and_exit_code_1()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var copy = Directory.CreateDirectory(Path.Combine(place.Folder, "program")).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        AssertOneLine(await ChildProcess.RunInAsync(copy, ChildProcess.Arguments("child-service", place)), "SQLite's library");
    }

    [Fact]
    public async Task A_store_in_use_gets_one_line_and_exit_code_1()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var running = await ServiceApp.StartAsync(SampleApp.Build, place);
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place)), "in use by another process");
    }

    [Fact]
    public async Task A_port_in_use_gets_one_line_and_exit_code_1()
    {
        await using var running = await ServiceApp.StartAsync(SampleApp.Build);
        await using var place = TestStores.Create(Dialect.Sqlite);
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place, $"--urls={running.Address}")), "already in use");
    }

    [Fact]
    public async Task Without_a_tokens_file_the_service_does_not_start_and_says_how_to_make_one()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        AssertOneLine(await ChildProcess.RunAsync(["child-service", "--urls=http://127.0.0.1:0", .. place.Arguments]), "Auth:TokensFile");
    }

    [Fact]
    public async Task Anonymous_service_beyond_this_machine_is_refused()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        AssertOneLine(
            await ChildProcess.RunAsync(["child-service", "--urls=http://0.0.0.0:0", "--Auth:AllowAnonymous=true", .. place.Arguments]), "this machine only");
    }

    [Fact]
    public async Task A_read_only_folder_is_told_as_what_it_is()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        await using var place = TestStores.Create(Dialect.Sqlite);
        await (await ServiceApp.StartAsync(SampleApp.Build, place, $"--Storage:Path={disk.Folder}")).DisposeAsync();

        disk.MakeReadOnly();
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place, $"--Storage:Path={disk.Folder}")), "can't be written");
    }

    [Theory]
    [InlineData("The settings file /nope does not exist", "--Settings=/nope")]
    [InlineData("The settings file /proc does not exist", "--Settings=/proc")]
    [InlineData("The file /nope.pem, which the configuration names, does not exist", "--Kestrel:Endpoints:a:Url=https://127.0.0.1:0", "--Kestrel:Endpoints:a:Certificate:Path=/nope.pem")]
    [InlineData("does not exist", "--Kestrel:Endpoints:a:Url=https://127.0.0.1:0", "--Kestrel:Endpoints:a:Certificate:Path=/no/such/folder/x.pem", "--Kestrel:Endpoints:a:Certificate:KeyPath=/no/such/folder/k.pem")]
    [InlineData("A certificate or key of the configuration can't be read", "--Kestrel:Endpoints:a:Url=https://127.0.0.1:0", "--Kestrel:Endpoints:a:Certificate:Path=/etc/hostname")]
    [InlineData("An https address needs a certificate", "--urls=https://127.0.0.1:0")]
    [InlineData("'abc' at 'Limits:MaxConnections'", "--Limits:MaxConnections=abc")]
    [InlineData("'maybe' at 'Auth:OpenProbes'", "--Auth:OpenProbes=maybe")]
    [InlineData("'Loud' is not supported", "--Logging:LogLevel:Default=Loud")]
    public async Task What_the_configuration_gets_wrong_is_one_line_and_exit_code_1(string line, params string[] arguments)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        AssertOneLine(await ChildProcess.RunAsync(ChildProcess.Arguments("child-service", place, arguments)), line);
    }

    [Fact]
    public async Task Store_files_and_their_folder_are_for_the_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            SkipTest.Because("Windows has no file modes.");
            return;
        }

        await using var place = TestStores.Create(Dialect.Sqlite, typeof(StoreTests).Assembly);
        var folder = Path.Combine(place.Folder, "new");
        await using (var older = new Store(place.Options with { Folder = folder }, [typeof(StoreTests).Assembly]))
        {
            await older.OpenAsync();
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            DemandClosed(folder);
        }

        // Left open by an older version.
        File.SetUnixFileMode(Path.Combine(folder, "test.db"), (UnixFileMode)Convert.ToInt32("644", 8));
        await using var store = new Store(place.Options with { Folder = folder }, [typeof(StoreTests).Assembly]);
        await store.OpenAsync();
        DemandClosed(folder);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void DemandClosed(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static void AssertOneLine(ChildProcess.Ended ended, string expected)
    {
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(expected, ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Errors + ended.Output, StringComparison.Ordinal);
        Assert.Single(ended.Errors.TrimEnd().Split('\n'));
    }
}
