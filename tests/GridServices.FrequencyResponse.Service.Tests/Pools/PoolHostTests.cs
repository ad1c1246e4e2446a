using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Tests.Hub;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

/// <summary>Which pools run on for which changes, who may command them, and what they remember over a restart.</summary>
public sealed class PoolHostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_beside_a_pool_lets_it_run_on_and_another_quantity_makes_it_anew()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        Assert.Null(service.Fleet.FindRefusal(UnstartedService.Id("c1")));
        var pool = Assert.Single(service.Table.All);
        await service.ChangeAsync("another", FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!);
        Assert.Same(pool, Assert.Single(service.Table.All));

        await service.ChangeAsync("c1", FrequencyRig.Contract("GB-DCL", watts: 40_000).Deserialize<ContractSettings>(ContractJson.Options)!);
        Assert.NotSame(pool, Assert.Single(service.Table.All));
    }

    [Fact]
    public async Task Another_source_drives_another_pool()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        var pool = Assert.Single(service.Table.All);
        await service.ChangeAsync("meter", FrequencyRig.UdpSource("PT0.1S").Deserialize<SourceSettings>(ContractJson.Options)!);
        Assert.NotSame(pool, Assert.Single(service.Table.All));
        Assert.Single(service.Table.DrivenBy(UnstartedService.Id("meter")));
    }

    [Fact]
    public async Task A_change_that_is_refused_or_can_not_be_stored_changes_nothing()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        var (pool, entries) = (Assert.Single(service.Table.All), service.Fleet.Entries);
        await Assert.ThrowsAsync<FormatException>(() => service.Fleet.ChangeAsync(_ => throw new FormatException("not so"), _ => Task.CompletedTask, Ct));
        await Assert.ThrowsAsync<IOException>(() => service.Fleet.ChangeAsync(e => e.Without(UnstartedService.Id("c1")), _ => throw new IOException("no disk"), Ct, UnstartedService.Id("c2")));
        Assert.Same(pool, Assert.Single(service.Table.All));
        Assert.Same(entries, service.Fleet.Entries);
        Assert.False(service.Fleet.IsStated(UnstartedService.Id("c2")));
        Assert.True(service.Fleet.IsStated(UnstartedService.Id("c1")));
    }

    [Fact]
    public async Task A_contract_that_can_not_run_is_shown_with_the_reason_and_reported_once()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync("c1", FrequencyRig.Contract("GB-DCL", source: "nobody"));
        await service.Fleet.MaintainAsync();
        await service.ChangeAsync("another", FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!);
        Assert.Empty(service.Table.All);
        Assert.Contains("a source is not there any more", service.Fleet.FindRefusal(UnstartedService.Id("c1")), StringComparison.Ordinal);
        Assert.Single(service.Log.Lines, line => line.Contains("does not run", StringComparison.Ordinal));

        await service.ChangeAsync("nobody", FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!);
        Assert.Null(service.Fleet.FindRefusal(UnstartedService.Id("c1")));
        Assert.Single(service.Table.All);
    }

    [Fact]
    public async Task The_right_to_command_reaches_the_pools_and_ends_by_itself()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        var fleet = service.Fleet;
        Assert.False(fleet.IsWriterKnown(UnstartedService.Tenant));
        await service.CommandAsync();
        Assert.True(fleet.IsWriter(UnstartedService.Tenant));
        Assert.Equal(1, service.Table.All[0].Conditions.Lease.Token);
        Assert.True(fleet.GetLease(UnstartedService.Tenant).IsHeld(fleet.NowNanos));
        Assert.False(fleet.GetLease(UnstartedService.Tenant).IsHeld(fleet.NowNanos + Duration.FromHours(2).ToInt64Nanoseconds()));

        fleet.Grant(UnstartedService.Tenant, WriterLease.None);
        Assert.Equal(0, service.Table.All[0].Conditions.Lease.Token);
        Assert.False(fleet.GetLease("another").IsHeld(fleet.NowNanos));
    }

    /// <summary>Working out the room of many sites takes its time: the right must not run out meanwhile.</summary>
    [Fact]
    public async Task The_right_is_renewed_at_all_pools_before_the_room_of_any_is_worked_out()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        await AddSecondAsync(service);
        await service.CommandAsync();
        var renewed = new WriterLease(1, service.Fleet.NowNanos + Duration.FromHours(2).ToInt64Nanoseconds());
        Task granting;
        lock (service.Table.All[0].Switching.Gate)
        {
            granting = Task.Run(() => service.Fleet.Grant(UnstartedService.Tenant, renewed), Ct);
            Assert.True(SpinWait.SpinUntil(() => service.Table.All[1].Conditions.Lease == renewed, TimeSpan.FromMinutes(1)));
        }

        await granting;
        Assert.All(service.Table.All, p => Assert.Equal(renewed, p.Conditions.Lease));
    }

    [Fact]
    public async Task A_pool_that_ends_while_it_is_looked_at_leaves_its_part_of_the_room()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        await AddSecondAsync(service);
        var limit = HeldLimitsTests.Export(5_000);
        limit = limit with { Segments = [limit.Segments[0] with { From = service.Clock.GetCurrentInstant() }] };
        service.Get<OtherLimits>().Set(UnstartedService.Id("site-1"), HeldLimits.Nothing with { Envelopes = [limit] });
        service.Fleet.Refresh(_ => true);
        Assert.All(service.Table.All, p => Assert.Equal(2_500, p.Room.CeilingW, 2.0));

        // What runs is known by then; the contract ends before the first pool is looked at.
        Task? ended = null;
        service.Fleet.Refresh(_ =>
        {
            ended ??= Task.Run(() => service.DeleteAsync("c2"), Ct);
            return SpinWait.SpinUntil(() => service.Table.All.Length == 1 && ended.IsCompletedSuccessfully, TimeSpan.FromMinutes(1));
        });
        service.Fleet.Refresh(_ => true);
        Assert.Equal(5_000, Assert.Single(service.Table.All).Room.CeilingW, 2.0);
    }

    private static async Task AddSecondAsync(UnstartedService service)
    {
        await service.ChangeAsync("bess-2", service.Fleet.Entries.Assets[UnstartedService.Id("bess-1")]);
        var second = FrequencyRig.Contract("GB-DCL");
        second["assets"] = new JsonArray("bess-2");
        await service.ChangeAsync("c2", second.Deserialize<ContractSettings>(ContractJson.Options)!);
        Assert.Equal(2, service.Table.All.Length);
    }

    [Fact]
    public async Task A_right_that_comes_after_it_was_refused_is_a_take_over_and_one_that_is_renewed_is_none()
    {
        await using var service = await UnstartedService.MakeAsync();
        var fleet = service.Fleet;
        foreach (var granted in new[] { true, true, false, false, true, true })
        {
            await fleet.OnLeaseRequestedAsync(UnstartedService.Tenant, granted, Ct);
            Assert.Equal(granted, fleet.IsWriter(UnstartedService.Tenant));
        }

        Assert.Equal(1, fleet.Takeovers);
    }

    [Fact]
    public async Task What_a_controller_remembers_is_read_after_a_restart()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var before = await EndedAsync(place);
        await using var service = await UnstartedService.MakeAsync(place);
        Assert.False(service.Fleet.IsLoaded);
        await service.Fleet.StartAsync(Ct);
        Assert.True(service.Fleet.IsLoaded);
        Assert.Equal("c1", Assert.Single(Assert.Single(service.Table.All).Spec.Contracts).Key);
        Assert.True(service.Fleet.NowNanos > before);
        Assert.DoesNotContain(service.Log.Lines, line => line.Contains("begin anew", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_memory_of_another_contract_is_not_used_and_that_is_reported()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await EndedAsync(place);
        await using var service = await UnstartedService.MakeAsync(place);
        var other = FrequencyRig.Contract("NORDIC-FCR-D-UP").Deserialize<ContractSettings>(ContractJson.Options)!;
        await service.Get<Store>().WriteAsync(tx => FrequencyStore.SaveAsync(tx, UnstartedService.Id("c1"), other, service.Clock.GetCurrentInstant()), Ct);
        await service.Fleet.StartAsync(Ct);
        Assert.Single(service.Table.All);
        Assert.Single(service.Log.Lines, line => line.Contains("latches, block times and energy begin anew", StringComparison.Ordinal));
    }

    /// <returns>Its clock, as it ended.</returns>
    private static async Task<long> EndedAsync(TestStore store)
    {
        await using var service = await UnstartedService.MakeAsync(store);
        await service.PutAsync();
        await service.CommandAsync();
        var nanos = service.Fleet.NowNanos;
        await service.Fleet.StopAsync(Ct);
        return nanos;
    }
}
