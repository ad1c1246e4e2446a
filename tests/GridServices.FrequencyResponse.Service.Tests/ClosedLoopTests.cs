using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Simulators.Grid;

namespace GridServices.FrequencyResponse.Service.Tests;

/// <summary>The simulated grid's meter and battery around the service, on real sockets and in real time.</summary>
public sealed class ClosedLoopTests
{
    [Fact]
    public async Task A_dip_of_the_grid_moves_the_battery_and_comes_back_with_it()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", JsonNode.Parse("""{ "kind": "udp", "period": "PT0.05S", "path": "PT0.1S", "udp": { "port": 0, "number": 1 } }""")!);
        await rig.FindMeterAsync();
        await using var grid = GridApp.Build(
            ["--http", "127.0.0.1:0", "--samples", rig.MeterTo!.ToString(), "--modbus", "127.0.0.1:0", "--setpoints", "127.0.0.1:0", "--event", "calm", "--quiet"]);
        await grid.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(grid.Urls.First()) };
        async Task<JsonNode> SimAsync() => (await http.GetFromJsonAsync<JsonNode>(new Uri("/sim/state", UriKind.Relative)))!;

        var battery = rig.Battery(50_000, 100_000, latencyMs: 100);
        battery["setpoint"] = JsonNode.Parse($$"""{ "host": "127.0.0.1", "port": {{(await SimAsync())["setpointPort"]!}}, "number": 1 }""");
        await rig.PutAsync("/v1/assets/bess-1", battery);
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DRL", 30_000));
        await rig.CommandsAsync();
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() == "valid");

        using var begun = await http.PostAsync(new Uri("/sim/event/dip", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.True(begun.IsSuccessStatusCode);

        // 450 mHz below nominal: DR is full from 200 mHz on.
        await FrequencyRig.UntilAsync(SimAsync, s => s["batteryW"]!.GetValue<double>() > 29_000);
        await FrequencyRig.UntilAsync(() => rig.Hub.Envelopes.Any(e => e.Targets.Any(t => t.TargetW < -29_000)));
        var state = await rig.StateAsync();
        Assert.NotNull(state["activation"]);
        Assert.Empty(rig.Hub.Rejected);
        Assert.Equal(0, (await SimAsync())["refusedFrames"]!.GetValue<long>());
    }
}
