using System.Text.Json.Nodes;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Mqtt;

/// <summary>EVerest's side of its API, at a real mosquitto.</summary>
public sealed class EverestTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    [Fact]
    public async Task A_station_is_told_its_limits_again_and_again_and_that_we_live()
    {
        var site = HubAndBroker.NewSite();
        var id = await world.StateAsync(site, new Limits { ImportLimitW = 30_000, ChargeLimitW = 11_000 });
        var topic = $"everest_api/1/external_energy_limits_consumer/{site}/m2e";
        await using var adapter = await RunningAdapter.StartAsync(
            null,
            [
                .. RunningAdapter.Common(world.Hub, world.TokenFile, site, "Everest"), ("Broker:Address", $"mqtt://127.0.0.1:{world.Broker.Port}"), ("Broker:ClientId", $"c-{site}"),
                ("Everest:Module", site), ("Everest:EverySeconds", "1"), ("Everest:CheckMs", "200"),
            ]);
        using (var station = await Reader.ConnectAsync(world.Broker, $"{topic}/#"))
        {
            var import = Schedule(await station.HearsAsync($"{topic}/set_external_limits", m => Power(Schedule(m, "schedule_import")[0]) == 11_000), "schedule_import");
            Assert.Equal(id.ToString(), import[0]!["limits_to_root"]!["total_power_W"]!["source"]!.GetValue<string>());
            Assert.Equal(4_200, Power(import[^1]));
            await Until.HoldsAsync(() => station.GetMessages($"{topic}/communication_check").Count(c => c == "true") >= 3);
        }

        // A station that starts anew has kept nothing and hears it within a second.
        using var restarted = await Reader.ConnectAsync(world.Broker, $"{topic}/#");
        var again = await restarted.HearsAsync($"{topic}/set_external_limits", _ => true);
        Assert.Equal(11_000, Power(Schedule(again, "schedule_import")[0]));

        await world.WithdrawAsync(site);
        var free = await restarted.HearsAsync($"{topic}/set_external_limits", m => Power(Schedule(m, "schedule_import")[0]) is null);
        Assert.Equal((4_200, 0), (Power(Schedule(free, "schedule_import")[^1]), Power(Schedule(free, "schedule_export")[^1])));

        await adapter.DisposeAsync();
        await restarted.HearsAsync($"{topic}/set_external_limits", m => Schedule(m, "schedule_import").Count == 1 && Power(Schedule(m, "schedule_import")[0]) == 4_200);
    }

    private static JsonArray Schedule(string message, string name) => JsonNode.Parse(message)![name]!.AsArray();

    private static long? Power(JsonNode? entry) => entry!["limits_to_root"]!["total_power_W"]?["value"]!.GetValue<long>();
}
