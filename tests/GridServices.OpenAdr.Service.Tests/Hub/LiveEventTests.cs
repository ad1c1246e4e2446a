using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Tests.Rig;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

/// <summary>An event in force, from the meter through the hub to the limit and, once the configuration does not understand it any more, to the VTN.</summary>
public sealed class LiveEventTests
{
    [Fact]
    public async Task A_share_of_the_present_load_needs_no_report_channel_and_a_policy_taken_away_is_told_before_the_limit_ends()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.PutAsync(VenRig.Path, Config(rig, new JsonObject { ["LOAD_CONTROL"] = new JsonObject { ["referenceW"] = 100_000, ["reference"] = "presentLoad" } }));
        await VenRig.UntilAsync(rig.StateAsync, s => s == "registered");
        await rig.Vtn.IssueAsync("half", start: "+PT59S", more: new JsonObject
        {
            ["signals"] = new JsonArray(new JsonObject
            {
                ["name"] = "LOAD_CONTROL",
                ["type"] = "x-loadControlCapacity",
                ["intervals"] = new JsonArray(new JsonObject { ["duration"] = "PT10M", ["value"] = 0.5 }),
            }),
        });
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ImportLimitW == 50_000));

        rig.Hub.Feedback.Add(("e.1", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), NetPowerW = 60_000 } }));
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ImportLimitW == 30_000));
        await ToldAsync(rig, "optIn");

        var warned = await rig.PutAsync(VenRig.Path, Config(rig, []));
        Assert.Contains(warned["warnings"]!.AsArray(), w => w!.GetValue<string>().Contains("'half'", StringComparison.Ordinal));
        await ToldAsync(rig, "optOut");
        await VenRig.UntilAsync(() => rig.Hub.Envelopes.Last().Segments.Count == 0);
        var shown = await rig.GetAsync(VenRig.Path + "/events/half");
        Assert.Contains("LOAD_CONTROL", shown["refusal"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static JsonObject Config(VenRig rig, JsonObject signals)
    {
        var config = VenRig.Config(rig.Vtn.Url);
        config.Remove("reports");
        config["programs"]![0]!["signals"] = signals;
        return config;
    }

    private static Task<JsonArray> ToldAsync(VenRig rig, string opt) =>
        VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Any(a => a!["optType"]!.GetValue<string>() == opt));
}
