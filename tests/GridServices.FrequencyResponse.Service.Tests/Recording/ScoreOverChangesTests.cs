using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>What was not delivered in a settlement period stays undelivered, whatever is put or restarted in it.</summary>
public sealed class ScoreOverChangesTests
{
    [Fact]
    public async Task A_score_outlives_a_put_of_the_asset_or_the_contract_and_a_restart()
    {
        await using var rig = await FrequencyRig.ArmedAsync(contract: Contract());
        var silent = 0;
        await DipAsync(rig, () => silent++ > 100);

        // The minute that runs is stored as it goes: after a kill it is still known.
        var stored = await FrequencyRig.UntilAsync(
            async () =>
            {
                Tell(rig);
                await rig.MeasureAsync(_ => 50, 0.3);
                return await PeriodsAsync(rig);
            },
            p => p.Any(one => one!["factor"]!.GetValue<double>() == 0));
        var missed = stored.First(one => one!["factor"]!.GetValue<double>() == 0)!;
        var from = missed["from"]!.GetValue<string>();
        var until = NodaTime.Text.InstantPattern.ExtendedIso.Parse(missed["until"]!.GetValue<string>()).Value;

        await rig.PutAsync("/v1/assets/bess-1", rig.Battery(wattHours: 210_000));
        await MeasureAsync(rig);

        // A period that began meanwhile has no dip in it.
        var predicted = (await rig.StateAsync())["compliance"]!["predictedFactor"]?.GetValue<double>();
        Assert.True(predicted == 0 || SystemClock.Instance.GetCurrentInstant() >= until, $"{predicted}");
        var changed = Contract();
        changed["price"]!["perMwHour"] = 5;
        await rig.PutAsync("/v1/contracts/c1", changed);
        await MeasureAsync(rig);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.CommandsAsync();
        await MeasureAsync(rig);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        Assert.Equal(0, (await PeriodsAsync(rig)).First(one => one!["from"]!.GetValue<string>() == from)!["factor"]!.GetValue<double>());
    }

    private static JsonObject Contract()
    {
        var contract = FrequencyRig.Contract("GB-DCL");
        contract["settlementPeriod"] = "PT30M";
        return contract;
    }

    /// <summary>A dip to which nothing responds; a reading every 0.25 s says so.</summary>
    private static async Task DipAsync(FrequencyRig rig, Func<bool> until)
    {
        while (!until())
        {
            Tell(rig);
            await rig.MeasureAsync(_ => 49.5, 0.1);
        }
    }

    private static async Task MeasureAsync(FrequencyRig rig)
    {
        for (var i = 0; i < 5; i++)
        {
            Tell(rig);
            await rig.MeasureAsync(_ => 50, 0.2);
        }
    }

    private static void Tell(FrequencyRig rig) => rig.Hub.Feedback.Add(
        ($"e.{rig.Hub.Feedback.Count}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), AssetId = "bess-1", NetPowerW = 0 } }));

    private static async Task<JsonArray> PeriodsAsync(FrequencyRig rig) => (await rig.GetAsync("/v1/contracts/c1/performance"))["periods"]!.AsArray();
}
