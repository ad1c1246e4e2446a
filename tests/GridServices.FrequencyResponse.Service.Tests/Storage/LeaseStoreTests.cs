using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Storage;

/// <summary>Who may command, as the database grants it.</summary>
public sealed class LeaseStoreTests
{
    private readonly FakeClock _clock = new(Instant.FromUtc(2027, 1, 15, 18, 0));

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task The_holder_renews_under_one_token(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(LeaseStore).Assembly);
        var leases = new LeaseStore(place.Store, _clock, _clock.Time);
        Assert.Equal(1, await TakeAsync(leases, "a"));
        _clock.Advance(Duration.FromSeconds(9));
        Assert.Equal(1, await TakeAsync(leases, "a"));

        // Long after it has run out it is still the same holder's, if nobody came between.
        _clock.Advance(Duration.FromHours(1));
        Assert.Equal(1, await TakeAsync(leases, "a"));
    }

    [Fact]
    public async Task Another_process_waits_until_it_has_run_out_and_has_a_higher_token()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(LeaseStore).Assembly);
        var leases = new LeaseStore(place.Store, _clock, _clock.Time);
        Assert.Equal(1, await TakeAsync(leases, "a"));
        Assert.Null(await TakeAsync(leases, "b"));
        _clock.Advance(LeaseStore.Length);
        Assert.Null(await TakeAsync(leases, "b"));
        _clock.Advance(Duration.FromMilliseconds(1));
        Assert.Equal(2, await TakeAsync(leases, "b"));
        Assert.Null(await TakeAsync(leases, "a"));
    }

    [Fact]
    public async Task One_that_is_handed_back_is_free_at_once()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(LeaseStore).Assembly);
        var leases = new LeaseStore(place.Store, _clock, _clock.Time);
        await TakeAsync(leases, "a");
        await leases.ReleaseAsync("b");
        Assert.Null(await TakeAsync(leases, "b"));
        await leases.ReleaseAsync("a");
        Assert.Equal(2, await TakeAsync(leases, "b"));
    }

    [Fact]
    public async Task A_file_belongs_to_one_process_and_whoever_held_it_before_is_dead()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(LeaseStore).Assembly);
        var leases = new LeaseStore(place.Store, _clock, _clock.Time);
        Assert.Equal(1, await TakeAsync(leases, "a"));
        Assert.Equal(2, await TakeAsync(leases, "b"));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Tenants_have_leases_of_their_own(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(LeaseStore).Assembly);
        var leases = new LeaseStore(place.Store, _clock, _clock.Time);
        Assert.Equal(1, await TakeAsync(leases, "a"));
        Assert.Equal(1, await TakeAsync(leases, "b", "other"));
    }

    // Each by its own machine's clock: one may be years off until it gets its time.
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(1_000_000_000)]
    public async Task It_runs_out_by_no_wall_clock_and_each_renewal_counts(int ahead)
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(LeaseStore).Assembly);
        var wall = new FakeClock(_clock.GetCurrentInstant() + Duration.FromSeconds(ahead));
        var first = new LeaseStore(place.Store, wall, _clock.Time);
        var second = new LeaseStore(place.Store, _clock, _clock.Time);
        Assert.Equal(1, await TakeAsync(first, "a"));
        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Null(await TakeAsync(second, "b"));
            _clock.Advance(Duration.FromSeconds(1));
            wall.Advance(Duration.FromSeconds(1));
            Assert.Equal(1, await TakeAsync(first, "a"));
        }

        // The first one dies.
        Assert.Null(await TakeAsync(second, "b"));
        _clock.Advance(LeaseStore.Length + Duration.FromMilliseconds(1));
        Assert.Equal(2, await TakeAsync(second, "b"));
    }

    private static Task<long?> TakeAsync(LeaseStore leases, string holder, string tenant = "default") => leases.TryAcquireAsync(tenant, holder, TestContext.Current.CancellationToken);
}
