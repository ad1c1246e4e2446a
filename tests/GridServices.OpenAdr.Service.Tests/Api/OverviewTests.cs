using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;

namespace GridServices.OpenAdr.Service.Tests.Api;

/// <summary>A VEN at a glance: registered, opted in, reporting.</summary>
public sealed class OverviewTests
{
    [Fact]
    public async Task A_VEN_says_whether_it_is_registered_takes_part_and_reports_since_when_and_why()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.PutAsync(VenRig.Path, VenRig.Config("http://127.0.0.1:9/OpenADR2/Simple/2.0b"));
        var alone = await IsAsync(rig, "registered", "no", "refused");
        Assert.NotNull(alone["registered"]!["since"]);
        Assert.Equal(("notAsked", "the VTN asks for none"), (Text(alone["reporting"], "state"), Text(alone["reporting"], "why")));

        await rig.EnrollAsync();
        var registered = await IsAsync(rig, "registered", "yes", "VTN-SIM");
        Assert.NotNull(registered["registered"]!["since"]);
        Assert.Equal(("notAsked", "no event is ahead"), (Text(registered["optedIn"], "state"), Text(registered["optedIn"], "why")));

        await rig.Vtn.IssueAsync("e1", level: 1, start: "+PT1H");
        await IsAsync(rig, "optedIn", "yes", "in for e1");
        await rig.Vtn.IssueAsync("e2", level: 1, start: "+PT4H");
        await IsAsync(rig, "optedIn", "yes", "in for e1, e2");
        await rig.PutAsync(VenRig.Path + "/events/e2/opt", JsonNode.Parse("""{ "optType": "optOut", "reason": "harvest" }""")!.AsObject());
        var partly = await IsAsync(rig, "optedIn", "partly", "out of e2");
        Assert.Contains("chosen by operator (harvest)", Text(partly["optedIn"], "why"), StringComparison.Ordinal);
        Assert.NotNull(partly["optedIn"]!["since"]);

        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", new JsonObject { ["granularity"] = "PT1S", ["reportBack"] = "PT2S" });
        Assert.NotNull((await IsAsync(rig, "reporting", "no", "no reading for power"))["reporting"]!["since"]);
        Assert.Equal("partly", Text((await rig.GetAsync("/v1/vens"))[0]!["overview"]!["optedIn"], "state"));

        await rig.PostAsync("/actions/cancel-registration");
        Assert.NotNull((await IsAsync(rig, "registered", "no", "a person ended the registration"))["registered"]!["since"]);
    }

    private static Task<JsonNode> IsAsync(VenRig rig, string item, string state, string why) => VenRig.UntilAsync(
        async () => (await rig.GetAsync(VenRig.Path))["overview"]!,
        o => Text(o[item], "state") == state && Text(o[item], "why").Contains(why, StringComparison.Ordinal));

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
