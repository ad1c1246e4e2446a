using System.Net;
using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Cluster.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GridServices.Cluster.Tests.Nodes;

/// <summary>What a dead node left at the database is ended, also where that could not be done, or was not told, at first.</summary>
public sealed class DeadNodeCleanerTests
{
    private const string Hung = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = @sessions";

    private sealed class Oracle(params (SiloAddress Silo, SiloStatus Status)[] silos) : ISiloStatusOracle
    {
        public SiloStatus CurrentStatus => SiloStatus.Active;

        public string SiloName => "me";

        public SiloAddress SiloAddress => Address(1);

        public SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress) => GetApproximateSiloStatuses()[siloAddress];

        public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false) =>
            silos.Where(s => !onlyActive || s.Status == SiloStatus.Active).ToDictionary(s => s.Silo, s => s.Status);

        public SiloAddress[] GetActiveSilos() => [.. GetApproximateSiloStatuses(true).Keys];

        public bool TryGetSiloName(SiloAddress siloAddress, out string siloName)
        {
            siloName = "other";
            return true;
        }

        public bool IsFunctionalDirectory(SiloAddress siloAddress) => true;

        public bool IsDeadSilo(SiloAddress silo) => GetApproximateSiloStatus(silo) == SiloStatus.Dead;

        public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer) => true;

        public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => true;
    }

    private sealed class Local : ILocalSiloDetails
    {
        public string Name => "me";

        public string ClusterId => "c";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Address(1);

        public SiloAddress GatewayAddress => Address(1);
    }

    private static SiloAddress Address(int port) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 7);

    private static Task<int> JoinAsync(TestStore store, string name, int port, string hours) => store.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
        $"""
        INSERT INTO cluster_nodes (sessions, node, silo, url, version, keys, started_at, beat_at, ended_at)
        VALUES (@sessions, @name, @silo, '', '1', 0, 0, (extract(epoch FROM clock_timestamp() - interval '{hours}') * 10000000)::bigint, {(port == 0 ? "1" : "NULL")})
        """,
        new { sessions = $"{store.Schema} {name}", name, silo = Address(port).ToParsableString() },
        tx));

    [Fact]
    public async Task Rows_and_sessions_of_a_dead_node_end_without_notice_those_of_others_stay_and_old_rows_go()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        await JoinAsync(place, "me", 1, "0 hours");
        await JoinAsync(place, "dead", 2, "0 hours");
        await JoinAsync(place, "other", 3, "0 hours");
        await JoinAsync(place, "old", 0, "3 hours");
        var sessions = $"{place.Schema} dead";
        await using var hung = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(place.Options.PostgreSql) { ApplicationName = sessions, Pooling = false }.ToString());
        await hung.OpenAsync(ct);
        await using var database = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, $"{place.Schema} me");
        using var dead = new DeadNodeCleaner(
            new Oracle((Address(1), SiloStatus.Active), (Address(2), SiloStatus.Dead), (Address(3), SiloStatus.Active)), new Local(), database, NullLogger<DeadNodeCleaner>.Instance);

        await dead.CheckAsync();
        await Until.HoldsAsync(() => place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>(Hung, new { sessions }), ct), left => left == 0);
        var left = await place.Store.ReadAsync(db => db.QueryAsync<string>("SELECT node || CASE WHEN ended_at IS NULL THEN '' ELSE ' ended' END FROM cluster_nodes ORDER BY node"), ct);
        Assert.Equal(["dead ended", "me", "other"], left);
    }

    [Fact]
    public async Task One_that_froze_amid_its_own_sign_of_life_loses_the_session_that_holds_its_row()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        await JoinAsync(place, "dead", 2, "0 hours");
        await using var hung = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(place.Options.PostgreSql) { SearchPath = place.Schema, ApplicationName = $"{place.Schema} dead", Pooling = false }.ToString());
        await hung.OpenAsync(ct);
        await hung.ExecuteAsync("BEGIN; UPDATE cluster_nodes SET keys = 1");
        await using var database = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, $"{place.Schema} me");
        using var dead = new DeadNodeCleaner(new Oracle((Address(1), SiloStatus.Active), (Address(2), SiloStatus.Dead)), new Local(), database, NullLogger<DeadNodeCleaner>.Instance);

        // Its row waits for no other than its own session, which ends first.
        await Until.HoldsAsync(
            async () =>
            {
                await dead.CheckAsync();
                return await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM cluster_nodes WHERE ended_at IS NOT NULL"), ct);
            },
            ended => ended == 1);

        // A session that was ended gives up its locks before it is listed no more.
        await Until.HoldsAsync(() => place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>(Hung, new { sessions = $"{place.Schema} dead" }), ct), left => left == 0);
    }
}
