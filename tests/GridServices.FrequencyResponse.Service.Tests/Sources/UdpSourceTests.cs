using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

public sealed class UdpSourceTests
{
    [Fact]
    public async Task What_is_no_sample_of_ours_is_counted_and_moves_nothing()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureAsync(_ => 50.0, 0.5);
        rig.SendRaw([]);
        rig.SendRaw([1, 2, 3]);
        rig.SendRaw(new byte[1_400]);
        rig.Send(49.0, number: 77);
        var state = await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/sources/meter"), s => s["state"]!["refused"]!.GetValue<long>() == 3 && s["state"]!["foreign"]!.GetValue<long>() == 1);
        Assert.NotNull(state["state"]!["endpoint"]);
        Assert.True(rig.Heard() is not { Watts: not 0 });
    }

    [Theory]
    [InlineData(double.NaN, 1f, SampleQuality.Good, "notANumber")]
    [InlineData(double.PositiveInfinity, 1f, SampleQuality.Good, "notANumber")]
    [InlineData(0.0, 1f, SampleQuality.Good, "range")]
    [InlineData(-50.0, 1f, SampleQuality.Good, "range")]
    [InlineData(60.0, 1f, SampleQuality.Good, "range")]
    [InlineData(50_000.0, 1f, SampleQuality.Good, "range")]
    [InlineData(47.4, 0.001f, SampleQuality.Good, "voltage")]
    [InlineData(49.5, 1f, SampleQuality.Invalid, "quality")]
    [InlineData(49.5, 1f, SampleQuality.Simulated, "quality")]
    public async Task What_can_not_drive_power_is_counted_by_its_fault_and_moves_nothing(double hz, float voltage, SampleQuality quality, string fault)
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureAsync(_ => 50.0, 0.5);
        rig.Send(hz, voltage, quality);
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["sampleFaults"]![fault]?.GetValue<long>() >= 1);
        Assert.True(rig.Heard() is not { Watts: not 0 });
    }

    [Fact]
    public async Task A_backlog_is_judged_whole_and_only_its_newest_moves_power()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureAsync(_ => 50.0, 0.5);
        var before = (await rig.StateAsync())["pool"]!["sequence"]!.GetValue<long>();
        for (var i = 0; i < 2_000; i++)
        {
            rig.Send(50 - (i * 1e-5));
        }

        await FrequencyRig.UntilAsync(
            () => rig.GetAsync("/v1/sources/meter"), s => s["state"]!["ageSeconds"]!.GetValue<double>() > 0.1 && s["state"]!["received"]!.GetValue<long>() > 100);
        Assert.True((await rig.StateAsync())["pool"]!["sequence"]!.GetValue<long>() - before < 1_000);
    }
}
