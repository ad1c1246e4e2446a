using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Hub;

/// <summary>Which limits bind the response while the hub answers, is away, or comes back with less.</summary>
public sealed class LimitsFollowerTests : IAsyncLifetime
{
    private static readonly EntryId Site = UnstartedService.Id("site-1");
    private readonly TestStore _place = TestStores.Create(Dialect.Sqlite);
    private FakeHub _hub = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _place.DisposeAsync();
    }

    [Fact]
    public async Task What_was_never_heard_is_not_taken_for_no_limit()
    {
        _hub.IsAway = true;
        await using var service = await FollowingAsync();
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("was never heard", StringComparison.Ordinal)));
        Assert.False(service.Get<OtherLimits>().IsKnown(Site));

        _hub.IsAway = false;
        await Until.HoldsAsync(() => service.Get<OtherLimits>().IsKnown(Site));
        Assert.Equal((null, null), service.Get<OtherLimits>().Now(Site));
    }

    [Fact]
    public async Task While_the_hub_is_away_the_last_known_limits_hold_and_that_is_reported_once()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync();
        await ImportIsAsync(service, 10_000);
        _hub.IsAway = true;
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("the last known limits hold", StringComparison.Ordinal)));
        Assert.Equal(10_000, service.Get<OtherLimits>().Now(Site).ImportW);

        _hub.State(Limit(4_000, 2));
        _hub.IsAway = false;
        await ImportIsAsync(service, 4_000);
        Assert.Single(service.Log.Lines, line => line.Contains("the last known limits hold", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hub_that_lost_its_store_takes_no_limit_away()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync();
        await ImportIsAsync(service, 10_000);
        _hub.Lose();
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("envelopes that it leaves out still hold", StringComparison.Ordinal)));
        Assert.Equal(10_000, service.Get<OtherLimits>().Now(Site).ImportW);
    }

    [Fact]
    public async Task What_was_held_binds_after_a_restart_before_the_hub_is_heard()
    {
        _hub.State(Limit(10_000, 1));
        await using (var before = await FollowingAsync())
        {
            await ImportIsAsync(before, 10_000);
            await Until.HoldsAsync(() => before.QueryAsync<long>("SELECT COUNT(*) FROM site_limits"), rows => rows == 1);
        }

        _hub.IsAway = true;
        await using var service = await FollowingAsync(put: false);
        Assert.Equal(10_000, service.Get<OtherLimits>().Now(Site).ImportW);
    }

    [Fact]
    public async Task A_limit_that_can_not_be_stored_binds_and_so_do_those_after_it()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync();
        await ImportIsAsync(service, 10_000);
        await Until.HoldsAsync(() => service.QueryAsync<long>("SELECT COUNT(*) FROM site_limits"), rows => rows == 1);
        await service.ExecuteAsync("CREATE TRIGGER broken BEFORE UPDATE ON site_limits BEGIN SELECT RAISE(ABORT, 'broken'); END");
        _hub.State(Limit(8_000, 2));
        await ImportIsAsync(service, 8_000);
        _hub.State(Limit(4_000, 3));
        await ImportIsAsync(service, 4_000);
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("can't be stored now", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_site_of_which_the_hub_says_what_can_not_be_followed_is_not_known_until_it_can()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync();
        await ImportIsAsync(service, 10_000);
        _hub.IsGarbled = true;
        _hub.State(Limit(4_000, 2));
        await Until.HoldsAsync(() => !service.Get<OtherLimits>().IsKnown(Site));
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("can't be followed; until it can nothing is imported", StringComparison.Ordinal)));

        _hub.IsGarbled = false;
        await ImportIsAsync(service, 4_000);
        await Until.HoldsAsync(() => service.Get<OtherLimits>().IsKnown(Site));
        Assert.Single(service.Log.Lines, line => line.Contains("can't be followed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"envelopes\":[null]}")]
    public async Task Limits_that_can_not_be_read_are_not_known_and_cost_no_other_site(string damaged)
    {
        _hub.State(Limit(10_000, 1));
        await using (var before = await FollowingAsync())
        {
            await Until.HoldsAsync(() => before.QueryAsync<long>("SELECT COUNT(*) FROM site_limits"), rows => rows == 1);
            await before.ExecuteAsync("INSERT INTO site_limits (tenant, site_id, held, updated_at) SELECT tenant, 'site-2', held, updated_at FROM site_limits");
            await before.ExecuteAsync($"UPDATE site_limits SET held = '{damaged}' WHERE site_id = 'site-1'");
        }

        _hub.IsAway = true;
        await using var service = await FollowingAsync(put: false);
        Assert.False(service.Get<OtherLimits>().IsKnown(Site));
        Assert.True(service.Get<OtherLimits>().IsKnown(UnstartedService.Id("site-2")));
        Assert.Single(service.Log.Lines, line => line.Contains("the limits of site site-1", StringComparison.Ordinal));

        _hub.IsAway = false;
        await ImportIsAsync(service, 10_000);
    }

    [Fact]
    public async Task Whoever_does_not_command_stores_nothing()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync(commands: false);
        await ImportIsAsync(service, 10_000);
        _hub.State(Limit(4_000, 2));
        await ImportIsAsync(service, 4_000);
        Assert.Equal(0, await service.QueryAsync<long>("SELECT COUNT(*) FROM site_limits"));
    }

    [Fact]
    public async Task A_site_whose_contracts_have_ended_is_followed_no_more()
    {
        _hub.State(Limit(10_000, 1));
        await using var service = await FollowingAsync();
        await ImportIsAsync(service, 10_000);
        await service.DeleteAsync("c1");
        await Until.HoldsAsync(() => service.Get<OtherLimits>().Find(Site) is null);
    }

    [Fact]
    public async Task A_site_that_was_measured_once_is_known_as_such_after_a_restart_until_its_contracts_have_ended()
    {
        _hub.State(Limit(10_000, 1));
        await using (var before = await FollowingAsync())
        {
            await ImportIsAsync(before, 10_000);
            before.Fleet.Refresh(_ => true);
            Assert.Equal(-10_000, Conditions(before).FloorW);

            await ActivatorUtilities.CreateInstance<Service.Hub.Telemetry>(before.Get<IServiceProvider>()).HandleAsync([new FeedbackItem { SiteId = Site.Key, Reading = new Reading { At = before.Clock.GetCurrentInstant() - Duration.FromSeconds(91), NetPowerW = 8_000 } }], Ct);
            Assert.Equal((double.NaN, double.PositiveInfinity), (Conditions(before).FloorW, Conditions(before).CeilingW));
            Assert.Equal(1, await before.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"));
        }

        await using var service = await FollowingAsync(put: false);
        await ImportIsAsync(service, 10_000);
        service.Fleet.Refresh(_ => true);
        Assert.Equal(double.NaN, Conditions(service).FloorW);

        // A limit that is new shows that the site is followed.
        _hub.State(Limit(4_000, 2));
        await ImportIsAsync(service, 4_000);
        await service.DeleteAsync("c1");
        await Until.HoldsAsync(() => service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"), rows => rows == 0);
        Assert.False(service.Get<ReadingCache>().WasMeasured(Site));
    }

    [Fact]
    public async Task That_a_site_was_measured_before_its_contract_is_stored_without_another_reading()
    {
        await using var service = await FollowingAsync();
        service.Get<ReadingCache>().MarkMeasured(Site);
        await Until.HoldsAsync(() => service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"), rows => rows == 1);
    }

    [Fact]
    public async Task A_site_whose_contracts_ended_while_nobody_looked_is_forgotten_and_no_other()
    {
        await using var service = await UnstartedService.MakeAsync(_place, $"--Hub:Url={_hub.Url}", "--Hub:Token=x");
        await service.ExecuteAsync("INSERT INTO measured_sites (tenant, site_id, measured_at) VALUES ('default', 'site-1', 0), ('default', 'site-9', 0)");
        await service.PutAsync();
        await service.Fleet.StartAsync(Ct);
        await service.Hosted<LimitsFollower>().StartAsync(Ct);

        // Only by the process that commands.
        Assert.Empty(service.Get<MeasuredSites>().LeftOver());
        Assert.True(service.Get<ReadingCache>().WasMeasured(UnstartedService.Id("site-9")));
        await service.CommandAsync();
        await Until.HoldsAsync(() => service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites WHERE site_id = 'site-9'"), rows => rows == 0);
        Assert.False(service.Get<ReadingCache>().WasMeasured(UnstartedService.Id("site-9")));
        Assert.Equal(1, await service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"));
        Assert.True(service.Get<ReadingCache>().WasMeasured(Site));
    }

    [Fact]
    public async Task So_is_the_site_of_a_tenants_last_contract()
    {
        await using var service = await UnstartedService.MakeAsync(_place, $"--Hub:Url={_hub.Url}", "--Hub:Token=x");
        await service.ExecuteAsync("INSERT INTO measured_sites (tenant, site_id, measured_at) VALUES ('default', 'site-1', 0)");
        await service.Fleet.StartAsync(Ct);
        await service.Hosted<LimitsFollower>().StartAsync(Ct);
        await Until.HoldsAsync(() => service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"), rows => rows == 0);
        Assert.False(service.Get<ReadingCache>().WasMeasured(Site));
    }

    [Fact]
    public async Task What_another_process_forgot_is_stored_again_by_the_one_that_takes_over()
    {
        await using var service = await UnstartedService.MakeAsync(_place, $"--Hub:Url={_hub.Url}", "--Hub:Token=x");
        await service.ExecuteAsync("INSERT INTO measured_sites (tenant, site_id, measured_at) VALUES ('default', 'site-1', 0)");
        var measured = service.Get<MeasuredSites>();
        await measured.LoadAsync(UnstartedService.Tenant, Ct);
        await service.Fleet.OnLeaseRequestedAsync(UnstartedService.Tenant, granted: false, Ct);

        // The contract ends: both forget, and the one that commands deletes.
        await measured.RemoveAsync(Site, Ct);
        Assert.Equal(1, await service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"));
        await service.ExecuteAsync("DELETE FROM measured_sites");

        await service.CommandAsync();
        await service.PutAsync();
        service.Get<ReadingCache>().MarkMeasured(Site);
        await measured.SaveAsync([Site], Ct);
        Assert.Equal(1, await service.QueryAsync<long>("SELECT COUNT(*) FROM measured_sites"));
    }

    private static SiteConditions Conditions(UnstartedService service) => service.Table.Find(UnstartedService.Id("bess-1"))!.Conditions;

    private static Envelope Limit(long watts, long revision) => new()
    {
        EnvelopeId = Guid.CreateVersion7(),
        Revision = revision,
        SiteId = Site.Key,
        Target = new EnvelopeTarget(TargetKind.Site, Site.Key),
        Stream = new StreamId("openadr", "PROG7"),
        Tier = Tier.Contractual,
        Obligation = Obligation.Mandatory,
        Segments = [new Segment { From = Instant.FromUtc(2027, 1, 1, 0, 0), Limits = new Limits { ImportLimitW = watts } }],
        Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
    };

    private static Task ImportIsAsync(UnstartedService service, long watts) => Until.HoldsAsync(() => service.Get<OtherLimits>().Now(Site).ImportW == watts);

    private async Task<UnstartedService> FollowingAsync(bool put = true, bool commands = true)
    {
        var service = await UnstartedService.MakeAsync(_place, $"--Hub:Url={_hub.Url}", "--Hub:Token=x");
        await (put ? service.PutAsync() : service.Fleet.StartAsync(Ct));
        if (commands)
        {
            await service.CommandAsync();
        }

        await service.Hosted<LimitsFollower>().StartAsync(Ct);
        return service;
    }
}
