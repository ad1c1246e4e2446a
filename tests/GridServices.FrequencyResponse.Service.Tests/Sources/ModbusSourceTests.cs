using System.Net;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Sources;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Simulators.Grid.Meters;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

public sealed class ModbusSourceTests
{
    [Fact]
    public async Task A_SunSpec_meter_is_found_polled_and_drives_the_response()
    {
        var registers = new MeterRegisters();
        registers.Set(50, 230);
        await using var meter = new ModbusServer(new IPEndPoint(IPAddress.Loopback, 0), registers);
        await using var rig = await StartAsync(meter.EndPoint.Port, "NORDIC-FCR-D-UP");
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() == "valid");

        // Half of FCR-D up at 49.7 Hz: 25 of 50 kW.
        registers.Set(49.7, 230);
        (int Watts, Frames.UdpSetpointFrame Frame)? heard = null;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts is > 24_000 and < 26_000);
    }

    [Fact]
    public async Task A_meter_that_falls_silent_brings_no_sample_and_the_response_is_let_go()
    {
        var registers = new MeterRegisters();
        registers.Set(49.7, 230);
        await using var meter = new ModbusServer(new IPEndPoint(IPAddress.Loopback, 0), registers);
        await using var rig = await StartAsync(meter.EndPoint.Port, "NORDIC-FCR-D-UP");
        (int Watts, Frames.UdpSetpointFrame Frame)? heard = null;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts > 20_000);
        meter.Mute = true;
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts == 0);
        await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/sources/meter"), s => s["state"]!["problem"] is not null);
    }

    [Fact]
    public async Task Registers_without_a_value_are_no_frequency()
    {
        var registers = new MeterRegisters();
        registers.Set(50, 230);
        await using var meter = new ModbusServer(new IPEndPoint(IPAddress.Loopback, 0), registers);
        await using var rig = await StartAsync(meter.EndPoint.Port, "NORDIC-FCR-D-UP");
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() == "valid");
        registers.Clear();
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() is "unavailable" or "deviceDefault");
        Assert.True(rig.Heard() is not { Watts: not 0 });
    }

    [Fact]
    public async Task A_scale_factor_that_changes_is_read_again_and_one_that_can_not_be_read_stays()
    {
        var registers = new MeterRegisters();
        registers.Set(49.7, 230);
        await using var meter = new ModbusServer(new IPEndPoint(IPAddress.Loopback, 0), registers);
        using var line = ModbusClient.Connect("127.0.0.1", meter.EndPoint.Port, 1, 60_000);
        var model = SunSpecFrequency.Find(203, MeterRegisters.Integers)!;
        var map = new MeterMap(model.Frequency, -2, model.Voltage, -1);
        Assert.Equal(49.7, Hertz(map));

        registers.Set(49.7, 230, factor: -1);
        Assert.Equal(4.97, Hertz(map));
        map = map.WithFactorsFrom(line);
        Assert.Equal((49.7, 0.1), (Hertz(map), map.StepHz));

        // A function that the meter does not have.
        var refused = map with { Frequency = model.Frequency with { Function = (ModbusFunction)43 } };
        Assert.Equal(-1, refused.WithFactorsFrom(line).FrequencyFactor);

        double Hertz(MeterMap of)
        {
            Assert.Equal(ModbusException.None, of.Read(line, out var hz, out _));
            return hz;
        }
    }

    private static async Task<FrequencyRig> StartAsync(int port, string service)
    {
        var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", JsonNode.Parse($$"""
            { "kind": "modbus", "period": "PT0.1S", "modbus": { "host": "127.0.0.1", "port": {{port}}, "every": "PT0.05S" } }
            """)!);
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract(service));
        await rig.CommandsAsync();
        return rig;
    }
}
