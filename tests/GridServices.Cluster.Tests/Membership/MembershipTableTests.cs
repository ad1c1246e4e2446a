using System.Net;
using GridServices.Cluster.Membership;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Cluster.Tests.Membership;

/// <summary>The table against the contract of Orleans' <c>IMembershipTable</c>, on a real PostgreSQL.</summary>
public sealed class MembershipTableTests : IAsyncLifetime
{
    private TestStore _place = null!;
    private ClusterDatabase _database = null!;
    private PostgreSqlMembershipTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        _database = new ClusterDatabase(_place.Options.PostgreSql!, _place.Schema, "test");
        _table = new PostgreSqlMembershipTable(_database);
        await _table.InitializeMembershipTable(true);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _place.DisposeAsync();
    }

    private static MembershipEntry Entry(int port, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 7),
        SiloName = $"node-{port}",
        HostName = "host",
        Status = status,
        ProxyPort = 0,
        StartTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc),
    };

    private async Task<TableVersion> NextAsync() => (await _table.ReadAll()).Version.Next();

    private async Task<bool> InsertAsync(MembershipEntry entry) => await _table.InsertRow(entry, await NextAsync());

    [Fact]
    public async Task A_row_comes_back_as_it_was_written_with_the_version_that_wrote_it()
    {
        var entry = Entry(1);
        entry.AddSuspector(SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 2), 8), new DateTime(2026, 1, 2, 3, 4, 7, DateTimeKind.Utc));
        Assert.True(await InsertAsync(entry));
        var read = await _table.ReadRow(entry.SiloAddress);
        var (back, etag) = Assert.Single(read.Members);
        Assert.Equal(entry.ToFullString(), back.ToFullString());
        Assert.Equal(1, read.Version.Version);
        Assert.Equal("1", etag);
    }

    [Fact]
    public async Task Of_many_that_join_at_once_from_one_view_one_alone_succeeds()
    {
        var next = await NextAsync();
        var joined = await Task.WhenAll(Enumerable.Range(1, 8).Select(port => _table.InsertRow(Entry(port), next)));
        Assert.Single(joined, won => won);
        var all = await _table.ReadAll();
        Assert.Single(all.Members);
        Assert.Equal(1, all.Version.Version);
    }

    [Fact]
    public async Task A_row_that_is_there_is_not_inserted_again_and_the_version_stays()
    {
        Assert.True(await InsertAsync(Entry(1)));
        Assert.False(await InsertAsync(Entry(1)));
        Assert.Equal(1, (await _table.ReadAll()).Version.Version);
    }

    [Fact]
    public async Task A_change_from_an_old_view_or_of_an_old_row_is_refused_without_effect()
    {
        Assert.True(await InsertAsync(Entry(1)));
        var seen = await _table.ReadAll();
        var etag = seen.Members.Single().Item2;
        Assert.True(await InsertAsync(Entry(2)));
        Assert.False(await _table.UpdateRow(Entry(1, SiloStatus.Dead), etag, seen.Version.Next()));

        Assert.False(await _table.UpdateRow(Entry(1, SiloStatus.Dead), "99", await NextAsync()));
        Assert.False(await _table.UpdateRow(Entry(3, SiloStatus.Dead), etag, await NextAsync()));
        var now = await _table.ReadAll();
        Assert.Equal(2, now.Version.Version);
        Assert.All(now.Members, member => Assert.Equal(SiloStatus.Active, member.Item1.Status));

        Assert.True(await _table.UpdateRow(Entry(1, SiloStatus.Dead), etag, now.Version.Next()));
        var (dead, newEtag) = Assert.Single((await _table.ReadRow(Entry(1).SiloAddress)).Members);
        Assert.Equal(SiloStatus.Dead, dead.Status);
        Assert.Equal("3", newEtag);
    }

    [Fact]
    public async Task A_sign_of_life_changes_that_time_alone()
    {
        Assert.True(await InsertAsync(Entry(1)));
        var alive = Entry(1, SiloStatus.Dead);
        alive.IAmAliveTime = alive.IAmAliveTime.AddMinutes(1);
        await _table.UpdateIAmAlive(alive);
        var read = await _table.ReadRow(alive.SiloAddress);
        var (back, etag) = Assert.Single(read.Members);
        Assert.Equal((SiloStatus.Active, alive.IAmAliveTime, "1", 1), (back.Status, back.IAmAliveTime, etag, read.Version.Version));
    }

    [Fact]
    public async Task Rows_of_nodes_that_are_long_dead_go_and_no_others()
    {
        Assert.True(await InsertAsync(Entry(1, SiloStatus.Dead)));
        Assert.True(await InsertAsync(Entry(2)));
        var late = Entry(3, SiloStatus.Dead);
        late.IAmAliveTime = late.IAmAliveTime.AddDays(1);
        Assert.True(await InsertAsync(late));
        await _table.CleanupDefunctSiloEntries(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal(
            ["node-2", "node-3"],
            (await _table.ReadAll()).Members.Select(member => member.Item1.SiloName).Order());
    }
}
