using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Hub;

public sealed class DroopTargetTests
{
    /// <summary>Corners, a trigger's jump, slopes without an end: the hub's own reader takes each of them.</summary>
    [Theory]
    [InlineData("GB-DCL", 49.5, -50_000)]
    [InlineData("GB-STATIC-FFR", 49.7, -50_000)]
    [InlineData("IEEE1547-CAT-DEFAULT", 56.964, -50_000)]
    [InlineData("ERCOT-PFR", 57.0, -50_000)]
    public async Task The_curve_itself_goes_to_the_hub_for_local_execution(string service, double firstHz, long firstW)
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        var contract = FrequencyRig.Contract(service);
        contract["delivery"] = "droop";
        await rig.PutAsync("/v1/contracts/c1", contract);
        await FrequencyRig.UntilAsync(() => rig.Hub.Rejected.IsEmpty && rig.Hub.Envelopes.Any(e => e.Targets.Any(t => t.Droop is not null)));
        var droop = rig.Hub.Envelopes.First(e => e.Targets.Count > 0).Targets[0].Droop!;
        Assert.Equal((firstHz, firstW), ((double)decimal.Round(droop[0].Hz, 3), droop[0].W));
        Assert.True(droop.Zip(droop.Skip(1)).All(p => p.First.Hz < p.Second.Hz && p.First.W <= p.Second.W));
    }
}
