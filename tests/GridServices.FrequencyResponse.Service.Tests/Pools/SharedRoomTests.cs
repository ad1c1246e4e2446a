using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Hub;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

/// <summary>Two pools at one site, one of which nobody measures, under one limit.</summary>
public sealed class SharedRoomTests
{
    [Fact]
    public async Task Two_pools_of_a_site_share_its_room_and_the_state_says_why()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.PutAsync("/v1/assets/bess-2", rig.Battery());
        var second = FrequencyRig.Contract("GB-DCL");
        second["assets"] = new JsonArray("bess-2");
        await rig.PutAsync("/v1/contracts/c2", second);
        rig.Hub.State(HeldLimitsTests.Export(5_000));

        // Of a site that nobody measured the pools have the limit itself.
        var before = await FrequencyRig.UntilAsync(
            async () => (await PoolAsync(rig, "c1"), await PoolAsync(rig, "c2")), s => Math.Abs(Most(s.Item1) - 2_500) < 2 && Math.Abs(Most(s.Item2) - 2_500) < 2);
        Assert.Contains("net power was never told", before.Item1["mostExportWhy"]!.GetValue<string>(), StringComparison.Ordinal);

        // What was told in the ten seconds before a reading must be known before anything is concluded from it.
        var (one, two) = await FrequencyRig.UntilAsync(
            async () =>
            {
                // Pools that command nothing leave their assets to do as they like.
                await rig.MeasureAsync(_ => 50, 0.2);
                Read(rig, 2_000);
                return (await PoolAsync(rig, "c1"), await PoolAsync(rig, "c2"));
            },
            s => Math.Abs(Most(s.Item1) - 2_333) < 2 && Math.Abs(Most(s.Item2) - 2_333) < 2);
        Assert.StartsWith("export limit 5000 W, and the rest of the site draws at least 2000 W; shared by 2 pools", one["mostExportWhy"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("asset 'bess-2' was never measured", two["mostExportWhy"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(one["mostImportWhy"]);

        // The other pool is gone: the room is the first one's alone.
        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c2");
        await FrequencyRig.UntilAsync(
            () =>
            {
                Read(rig, 2_000);
                return PoolAsync(rig, "c1");
            },
            s => Math.Abs(Most(s) - 7_000) < 1);
    }

    /// <summary>At no power in sum the battery makes up for what the car draws: where the car is not there, that is injected.</summary>
    [Fact]
    public async Task What_an_unmeasured_charger_draws_is_no_room_for_the_battery_beside_it()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/assets/ev-1", JsonNode.Parse("""{ "siteId": "site-1", "kind": "ev", "chargeMaxW": 11040, "baselineW": 5520, "latencyMs": 100, "rampWPerS": 100000 }""")!);
        var contract = FrequencyRig.Contract("GB-DCL");
        contract["assets"] = new JsonArray("bess-1", "ev-1");
        await rig.PutAsync("/v1/contracts/c1", contract);
        rig.Hub.State(HeldLimitsTests.Export(10_000));
        var pool = await FrequencyRig.UntilAsync(() => PoolAsync(rig, "c1"), s => Most(s) < 10_000 && Most(s) > 0);

        // Of 5.52 kW the car gives way by its share, 5.52 of 105.52.
        Assert.Equal(10_000 - (5_520 * (1 - (5_520 / 105_520.0))), Most(pool), 2.0);
        Assert.Contains("set the other way may not be done", pool["mostExportWhy"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> PoolAsync(FrequencyRig rig, string contract) => (await rig.StateAsync(contract))["pool"]!;

    private static double Most(JsonNode pool) => pool["mostExportW"]?.GetValue<double>() ?? double.PositiveInfinity;

    /// <summary>The site and the first battery, at one moment; + = import.</summary>
    private static void Read(FrequencyRig rig, long site)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        lock (rig.Hub.Feedback)
        {
            rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count + 1}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now, AssetId = "bess-1", NetPowerW = 0 } }));
            rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count + 1}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now, NetPowerW = site } }));
        }
    }
}
