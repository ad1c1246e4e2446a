using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Publishing;

/// <summary>What contracts state to the hub, and that it is stored with what follows from it or not at all.</summary>
public sealed class ContractPublisherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stated_is_stated_once()
    {
        await using var service = await CommandingAsync();
        await PublishAsync(service);
        var first = Assert.Single(await StatedAsync(service));
        Assert.Equal(("gridservices.envelope.published.v1", 1L, "c1"), Said(first));
        await PublishAsync(service);
        Assert.Single(await StatedAsync(service));
    }

    [Fact]
    public async Task A_contract_that_changes_is_stated_anew_and_one_that_ends_is_withdrawn_once()
    {
        await using var service = await CommandingAsync();
        await PublishAsync(service);
        await service.PutAsync("c1", FrequencyRig.Contract("GB-DCL", watts: 40_000));
        await PublishAsync(service);
        await service.DeleteAsync("c1");
        await PublishAsync(service);
        await PublishAsync(service);
        Assert.Equal(
            [("gridservices.envelope.published.v1", 1L, "c1"), ("gridservices.envelope.published.v1", 2L, "c1"), ("gridservices.envelope.withdrawn.v1", 3L, "c1")],
            (await StatedAsync(service)).Select(Said));
    }

    [Fact]
    public async Task A_contract_that_comes_back_goes_on_above_its_withdrawal()
    {
        await using var service = await CommandingAsync();
        await PublishAsync(service);
        await service.DeleteAsync("c1");
        await PublishAsync(service);
        await service.PutAsync();
        await PublishAsync(service);
        Assert.Equal(("gridservices.envelope.published.v1", 3L, "c1"), Said((await StatedAsync(service))[^1]));
    }

    [Fact]
    public async Task Without_the_right_to_command_nothing_is_stated_and_nothing_is_withdrawn()
    {
        await using var service = await UnstartedService.MakeAsync();
        await service.PutAsync();
        await PublishAsync(service);
        Assert.Empty(await StatedAsync(service));

        await service.CommandAsync();
        await PublishAsync(service);
        await service.Fleet.OnLeaseRequestedAsync(UnstartedService.Tenant, granted: false, Ct);
        service.Fleet.Grant(UnstartedService.Tenant, Safety.WriterLease.None);
        await service.DeleteAsync("c1");
        await PublishAsync(service);
        Assert.Equal(("gridservices.envelope.published.v1", 1L, "c1"), Said(Assert.Single(await StatedAsync(service))));
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_nothing_stated_and_the_same_revision_to_state()
    {
        await using var service = await CommandingAsync();
        await service.ExecuteAsync("CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(service));
        Assert.Empty(await StatedAsync(service));
        Assert.Equal(0, await service.QueryAsync<long>("SELECT COUNT(*) FROM contract_states"));

        await service.ExecuteAsync("DROP TRIGGER broken");
        await PublishAsync(service);
        Assert.Equal(("gridservices.envelope.published.v1", 1L, "c1"), Said(Assert.Single(await StatedAsync(service))));
    }

    [Fact]
    public async Task What_can_not_be_stated_ends_nothing_is_an_alarm_and_is_stated_once_it_can()
    {
        await using var service = await CommandingAsync();
        await service.ExecuteAsync("CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END");
        var publisher = service.Get<ContractPublisher>();
        await publisher.StartAsync(Ct);
        await Until.HoldsAsync(() => service.Log.Lines.Any(line => line.Contains("can't be stored or stated (failure 2)", StringComparison.Ordinal)));
        Assert.False(publisher.ExecuteTask!.IsCompleted);
        Assert.Equal(1, service.Get<ContractAlarms>().Count());

        await service.ExecuteAsync("DROP TRIGGER broken");
        await Until.HoldsAsync(() => service.Get<ContractAlarms>().Count() == 0);
        Assert.Equal(("gridservices.envelope.published.v1", 1L, "c1"), Said(Assert.Single(await StatedAsync(service))));
        await publisher.StopAsync(Ct);
    }

    [Fact]
    public async Task After_a_take_over_the_revisions_go_on_and_what_was_stated_is_not_stated_again()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using (var before = await CommandingAsync(place))
        {
            await PublishAsync(before);
        }

        await using var service = await UnstartedService.MakeAsync(place);
        await service.Fleet.StartAsync(Ct);
        await service.Fleet.OnLeaseRequestedAsync(UnstartedService.Tenant, granted: false, Ct);
        await service.CommandAsync();
        await PublishAsync(service);
        Assert.Single(await StatedAsync(service));

        await service.PutAsync("c1", FrequencyRig.Contract("GB-DCL", watts: 40_000));
        await PublishAsync(service);
        Assert.Equal(("gridservices.envelope.published.v1", 2L, "c1"), Said((await StatedAsync(service))[^1]));
    }

    [Fact]
    public async Task A_service_that_is_stopped_before_it_has_begun_states_nothing_from_the_first_revision_again()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using (var before = await CommandingAsync(place))
        {
            await PublishAsync(before);
        }

        await using var service = await UnstartedService.MakeAsync(place);
        await service.Fleet.StartAsync(Ct);
        await service.CommandAsync();
        await service.Get<ContractPublisher>().StopAsync(Ct);
        Assert.Equal(("gridservices.envelope.published.v1", 1L, "c1"), Said(Assert.Single(await StatedAsync(service))));
    }

    private static async Task<UnstartedService> CommandingAsync(TestStore? store = null)
    {
        var service = await UnstartedService.MakeAsync(store);
        await service.PutAsync();
        await service.CommandAsync();
        return service;
    }

    private static Task PublishAsync(UnstartedService service) => service.Get<ContractPublisher>().PublishAllAsync(Ct);

    /// <summary>At the site's connection, where the power that is kept for the contract is stated.</summary>
    private static async Task<IReadOnlyList<JsonNode>> StatedAsync(UnstartedService service) =>
        [.. (await service.OutboxAsync()).Where(item => item["data"]!["target"]!["kind"]!.GetValue<string>() == "site")];

    private static (string Type, long Revision, string Stream) Said(JsonNode item) =>
        (item["type"]!.GetValue<string>(), item["data"]!["revision"]!.GetValue<long>(), item["data"]!["stream"]!["key"]!.GetValue<string>());
}
