using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Storage;

/// <summary>A row that can't be read costs what it tells of: the service starts, and the other contract runs.</summary>
public sealed class DamagedRowTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("UPDATE contracts SET config = '{' WHERE contract_id = 'c1'", "contract c1 of tenant default", false)]
    [InlineData("UPDATE assets SET config = '{' WHERE asset_id = 'bess-1'", "asset bess-1 of tenant default", false)]
    [InlineData("UPDATE sources SET config = 'null' WHERE source_id = 'meter'", "source meter of tenant default", false)]
    [InlineData("UPDATE contract_states SET state = '{' WHERE contract_id = 'c1'", "what the hub was told of contract c1", true)]
    [InlineData("INSERT INTO activations (tenant, contract_id, started_at, ended_at, record) VALUES ('default', 'c1', 1, NULL, '{')", "an activation of contract c1", true)]
    [InlineData("INSERT INTO reservoirs (tenant, contract_id, record, updated_at) VALUES ('default', 'c1', '{', 1)", "where the reservoir of contract c1", true)]
    [InlineData(
        "INSERT INTO outages (tenant, contract_id, outage_id, record, until_at, updated_at) VALUES ('default', 'c1', 'o1', '{', 99999999999999999, 1)", "an outage of contract c1", true)]
    public async Task A_row_that_can_not_be_read_costs_what_it_tells_of(string damage, string told, bool runs)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using (var before = await UnstartedService.MakeAsync(place))
        {
            await PutTwoAsync(before);
            await before.CommandAsync();
            await before.Get<ContractPublisher>().PublishAllAsync(Ct);
            await before.ExecuteAsync(damage);
        }

        await using var service = await UnstartedService.MakeAsync(place);
        await service.Fleet.StartAsync(Ct);
        await service.Get<Recorder>().StartAsync(Ct);
        await service.CommandAsync();
        await service.Get<ContractPublisher>().PublishAllAsync(Ct);
        await service.Get<Recorder>().StopAsync(Ct);

        Assert.Equal(runs ? ["c1", "c2"] : ["c2"], service.Table.All.SelectMany(p => p.Spec.Contracts).Select(c => c.Key).Order(StringComparer.Ordinal));
        Assert.Equal(runs, service.Fleet.FindRefusal(UnstartedService.Id("c1")) is null);
        Assert.Single(service.Log.Lines, line => line.Contains($"can't be read and is left out: {told}", StringComparison.Ordinal));
        Assert.DoesNotContain(await service.OutboxAsync(), item => item["type"]!.GetValue<string>() == "gridservices.envelope.withdrawn.v1");
    }

    [Fact]
    public async Task A_contract_that_can_not_be_read_runs_once_it_is_put_again()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using (var before = await UnstartedService.MakeAsync(place))
        {
            await before.PutAsync();
            await before.ExecuteAsync("UPDATE contracts SET config = '{'");
        }

        await using var service = await UnstartedService.MakeAsync(place);
        await service.Fleet.StartAsync(Ct);
        Assert.Contains("put it again", service.Fleet.FindRefusal(UnstartedService.Id("c1")), StringComparison.Ordinal);
        await service.PutAsync();
        Assert.Null(service.Fleet.FindRefusal(UnstartedService.Id("c1")));
        Assert.Single(service.Table.All);
    }

    private static async Task PutTwoAsync(UnstartedService service)
    {
        await service.PutAsync();
        await service.ChangeAsync("meter-2", FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!);
        await service.ChangeAsync("bess-2", service.Fleet.Entries.Assets[UnstartedService.Id("bess-1")]);
        var second = FrequencyRig.Contract("GB-DCL", source: "meter-2");
        second["assets"] = new JsonArray("bess-2");
        await service.ChangeAsync("c2", second.Deserialize<ContractSettings>(ContractJson.Options)!);
    }
}
