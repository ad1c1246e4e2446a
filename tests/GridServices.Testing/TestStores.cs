using System.Reflection;
using Dapper;
using GridServices.Hosting.Storage;
using Npgsql;
using Xunit;

namespace GridServices.Testing;

/// <summary>For theories that run on each database: <c>[Theory, ClassData(typeof(BothDatabases))]</c> with a <see cref="Dialect"/> parameter.</summary>
public sealed class BothDatabases : TheoryData<Dialect>
{
    public BothDatabases()
        : base(Dialect.Sqlite, Dialect.PostgreSql)
    {
    }
}

/// <summary>Fresh stores for tests, on both databases; see <see cref="BothDatabases"/>.</summary>
/// <remarks>
/// PostgreSQL comes from <c>GRIDSERVICES_TEST_POSTGRES</c> (a connection string). Where it is absent such a test is skipped,
/// or fails when <c>CI=true</c>. Every test has a schema of its own.
/// </remarks>
public static class TestStores
{
    // Dapper compiles its readers per connection string; each test's store has one of its own, and the compiling cost more than the reading.
    static TestStores() => SqlMapper.ConnectionStringComparer = EqualityComparer<string>.Create((a, b) => IsServer(a!) == IsServer(b!), text => IsServer(text) ? 1 : 0);

    public static TestStore Sqlite(Assembly migrations) => Create(Dialect.Sqlite, migrations);

    public static TestStore PostgreSql(Assembly migrations) => Create(Dialect.PostgreSql, migrations);

    /// <summary>A store that is open and up to date.</summary>
    public static async Task<TestStore> OpenAsync(Dialect dialect, params Assembly[] migrations)
    {
        var place = Create(dialect, migrations);
        await place.Store.OpenAsync(TestContext.Current.CancellationToken);
        return place;
    }

    /// <summary>A place for a store, nothing in it yet. With migrations its <see cref="TestStore.Store"/> can be opened by the test itself.</summary>
    public static TestStore Create(Dialect dialect, params Assembly[] migrations) => new(dialect, migrations, dialect == Dialect.PostgreSql ? Server() : null);

    private static bool IsServer(string connection) => connection.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    internal static string Server()
    {
        var server = Environment.GetEnvironmentVariable("GRIDSERVICES_TEST_POSTGRES");
        if (string.IsNullOrEmpty(server))
        {
            SkipTest.Because("GRIDSERVICES_TEST_POSTGRES (a PostgreSQL connection string) is not set");
        }

        // A connection that is slow to come, or waits for its turn, is no fault: the service's own five seconds are too few beside thirty busy programs.
        return server.Contains("Timeout", StringComparison.OrdinalIgnoreCase) ? server : server + ";Timeout=60";
    }
}

/// <summary>One test's own store: an own folder, or an own schema that is dropped at the end.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly IReadOnlyList<Assembly> _migrations;
    private readonly string? _server;
    private Store? _store;

    internal TestStore(Dialect dialect, IReadOnlyList<Assembly> migrations, string? server, string? folder = null)
    {
        Dialect = dialect;
        _migrations = migrations;
        _server = server;
        Folder = folder ?? TestFolders.Create();
        Schema = "t_" + Guid.NewGuid().ToString("N");
    }

    public Dialect Dialect { get; }

    /// <summary>The test's own folder: the SQLite file lies in it; room for tokens and the like on both.</summary>
    public string Folder { get; }

    public string Schema { get; }

    public StoreOptions Options => new() { Name = "test", Folder = Folder, PostgreSql = _server, Schema = Schema };

    /// <summary>Made at first use; not opened unless it came from <see cref="TestStores.OpenAsync"/>.</summary>
    public Store Store => _store ??= new Store(Options, _migrations);

    /// <summary>The same place as command-line arguments of a service.</summary>
    public IReadOnlyList<string> Arguments => _server is null
        ? [$"--Storage:Path={Folder}"]
        : [$"--Storage:Path={Folder}", $"--Storage:PostgreSql={_server}", $"--Storage:Schema={Schema}"];

    /// <summary>A place on PostgreSQL with the files of this one: where its store is to be moved.</summary>
    public TestStore OnPostgreSql() => new(Dialect.PostgreSql, _migrations, TestStores.Server(), Folder);

    /// <summary>Runs SQL beside the service that has this place (PostgreSQL only), in the test's schema.</summary>
    /// <returns>The first column of each row, as text.</returns>
    public async Task<IReadOnlyList<string>> SqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_server ?? throw new InvalidOperationException("There is a server for PostgreSQL only."));
        await using var command = source.CreateCommand($"SET search_path TO \"{Schema}\"; {sql}");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        }

        return rows;
    }

    /// <summary>Closes the store and opens it again on the same place, as a restart does.</summary>
    public async Task<Store> ReopenAsync()
    {
        await CloseAsync();
        await Store.OpenAsync();
        return Store;
    }

    public async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_server is not null)
        {
            await using var source = NpgsqlDataSource.Create(_server);
            await using var drop = source.CreateCommand($"DROP SCHEMA IF EXISTS \"{Schema}\" CASCADE");
            await drop.ExecuteNonQueryAsync();
        }

        TestFolders.Remove(Folder);
    }
}
