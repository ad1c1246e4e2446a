using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

public sealed class C37SourceTests
{
    [Fact]
    public async Task A_PMU_is_asked_for_its_configuration_started_and_followed()
    {
        await using var pmu = new Pmu();
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", JsonNode.Parse($$"""
            { "kind": "c37", "period": "PT0.02S", "c37": { "host": "127.0.0.1", "port": {{pmu.Port}}, "idCode": 7 } }
            """)!);
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("NORDIC-FCR-D-UP"));
        await rig.CommandsAsync();
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() == "valid");
        pmu.Hz = 49.7;
        (int Watts, Frames.UdpSetpointFrame Frame)? heard = null;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts is > 24_000 and < 26_000);

        // Data error: the frequency goes on, but the PMU disowns it.
        pmu.Stat = 0x8000;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts == 0);
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["sampleFaults"]!["quality"]?.GetValue<long>() > 0);
    }

    [Fact]
    public async Task Damaged_datagrams_are_counted_and_told_and_the_stream_goes_on()
    {
        // A head that promises 65,520 bytes, a frame cut short, one with a flipped bit, and noise: nothing of one waits for the next.
        var flipped = Pmu.Data(45);
        flipped[20] ^= 1;
        await using var pmu = new UdpPmu { Damage = [[0xAA, 0x01, 0xFF, 0xF0], Pmu.Data(45)[..20], flipped, [0], [.. Enumerable.Repeat((byte)0xAA, 200)]] };
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", JsonNode.Parse($$"""
            { "kind": "c37", "period": "PT0.02S", "c37": { "transport": "udp", "host": "127.0.0.1", "port": {{pmu.Port}}, "idCode": 7 } }
            """)!);
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("NORDIC-FCR-D-UP"));
        await rig.CommandsAsync();
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() == "valid");
        pmu.Hz = 49.7;
        (int Watts, Frames.UdpSetpointFrame Frame)? heard = null;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts is > 24_000 and < 26_000);

        var state = (await rig.GetAsync("/v1/sources/meter"))["state"]!;
        Assert.True(state["refused"]!.GetValue<long>() > 5, state.ToJsonString());
        Assert.Equal(0, (await rig.StateAsync())["pool"]!["sampleFaults"]?["range"]?.GetValue<long>() ?? 0);
    }
}
