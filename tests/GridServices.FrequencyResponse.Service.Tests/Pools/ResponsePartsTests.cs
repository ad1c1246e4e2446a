using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class ResponsePartsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void What_is_stated_reaches_the_controller_and_what_is_not_stays_as_the_service_says()
    {
        var plain = PoolParts.Contract(Contract("CE-FCR", new FreedomSettings()) with { Settings = Settings("CE-FCR") });
        Assert.Equal((null, null, 1.0, 0), (plain.Freedom, plain.Switched, plain.OverDelivery, plain.RelaySteps));

        Assert.Equal(new FreedomRules(), PoolParts.Contract(Contract("CE-FCR", new FreedomSettings())).Freedom);
        var stated = PoolParts.Contract(Contract("CE-FCR", new FreedomSettings
        {
            OverFulfilment = 1.1m,
            DeadbandUseHz = 0.005m,
            ActivationSeconds = 20,
            TargetSocPercent = 60,
            BandSocPercent = 10,
        }));
        Assert.Equal(new FreedomRules { OverFulfilment = 1.1, DeadbandUseHz = 0.005, ActivationSeconds = 20, TargetSoc = 0.6, BandSoc = 0.1 }, stated.Freedom);
    }

    [Fact]
    public void A_stated_fail_safe_of_the_signal_reaches_the_controller()
    {
        var lost = ResponseParts.SignalLost(new SignalSettings { HoldSeconds = 60, RampSeconds = 20 })!;
        Assert.Equal((60 * Second, 0.05, 80 * Second), (lost.HoldNanos, lost.RampPuPerS, lost.DeviceDefaultNanos));
        Assert.Null(ResponseParts.SignalLost(null));
    }

    [Fact]
    public void Stated_numbers_of_a_switched_service_take_the_place_of_its_own_one_by_one()
    {
        var service = ServiceCatalog.BuiltIn.Find("NORDIC-FFR-49.7")!;
        var own = ServiceDefaults.Switched(service)!;
        Assert.Null(ResponseParts.Switched(null, service));
        Assert.Equal(own, ResponseParts.Switched(new SwitchedSettings(), service));
        Assert.Equal(own with { SupportNanos = 30 * Second, ReleasePuPerS = 0.1 }, ResponseParts.Switched(new SwitchedSettings { SupportSeconds = 30, ReleasePuPerSecond = 0.1m }, service));
        Assert.Equal(
            own with { TriggerHz = 49.6, ReleaseHz = 49.9, LongestSupportNanos = 600 * Second, RearmNanos = 90 * Second, RearmHz = 49.95 },
            ResponseParts.Switched(new SwitchedSettings { TriggerHz = 49.6m, ReleaseHz = 49.9m, RearmSeconds = 90, RearmHz = 49.95m }, service));
    }

    [Fact]
    public void Room_is_reserved_for_what_may_be_delivered_beyond_the_quantity()
    {
        Assert.Equal(50_000, (Contract("CE-FCR", new FreedomSettings()) with { Settings = Settings("CE-FCR") }).ComputeLargestW(50_000));
        Assert.Equal(60_000, Contract("CE-FCR", new FreedomSettings()).ComputeLargestW(50_000));
    }

    /// <summary>Held for 1 s, let go at half of the quantity a second, then blocked until the frequency has been back.</summary>
    [Fact]
    public async Task A_custom_switched_service_lives_by_what_its_contract_states()
    {
        var contract = FrequencyRig.Contract("x");
        contract.Remove("service");
        contract["custom"] = JsonNode.Parse("""{ "id": "RELAY-3", "nominalHz": 50, "triggerHz": 49.6, "direction": "raise", "numbers": { "durationSeconds": 900 } }""");
        contract["switched"] = JsonNode.Parse("""{ "supportSeconds": 1, "releasePuPerSecond": 0.5, "rearmSeconds": 0, "rearmHz": 49.9 }""");
        await using var rig = await FrequencyRig.ArmedAsync(contract: contract);
        await rig.MeasureAsync(_ => 50.0, 0.5);
        var watts = new List<int>();
        await rig.MeasureUntilAsync(_ => 49.5, () =>
        {
            watts.AddRange(rig.AllHeard().Select(h => h.Watts));
            return watts.Contains(50_000) && watts[^1] == 0;
        });
        Assert.Contains(watts, w => w is > 5_000 and < 45_000);
        await rig.MeasureUntilAsync(49.7, "blocked");
        await rig.MeasureUntilAsync(49.95, "ready");
    }

    /// <summary>49.9 Hz is half of 200 mHz: 25 kW on a straight curve, and a multiple of a tenth of 50 kW in steps.</summary>
    [Fact]
    public async Task A_relay_gives_whole_steps()
    {
        var contract = FrequencyRig.Contract("CE-FCR");
        contract["relaySteps"] = 10;
        await using var rig = await FrequencyRig.ArmedAsync(contract: contract);
        var heard = new HashSet<int>();
        await rig.MeasureUntilAsync(t => 50 - (0.04 * t), () =>
        {
            heard.UnionWith(rig.AllHeard().Select(h => h.Watts));
            return heard.Any(w => w >= 30_000);
        });
        Assert.All(heard, w => Assert.Equal(0, w % 5_000));
    }

    private static PoolContract Contract(string service, FreedomSettings freedom) =>
        new("c1", Settings(service) with { Freedom = freedom }, ServiceCatalog.BuiltIn.Find(service)!, 50_000);

    private static ContractSettings Settings(string service) => new()
    {
        Service = service,
        SiteId = "site-1",
        QuantityW = 50_000,
        Assets = ["bess-1"],
        Sources = ["meter"],
        Windows = [new ArmingWindow(NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), null)],
    };
}
