using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;

namespace GridServices.OpenAdr.Service.Tests;

/// <summary>A VTN that answers badly: the profile's section 9.1.5, the limit in force stays, and the VEN comes back.</summary>
public sealed class BadReplyTests
{
    [Theory]
    [InlineData("""{ "mode": "status", "status": 500 }""", "HTTP 500")]
    [InlineData("""{ "mode": "status", "status": 503 }""", "HTTP 503")]
    [InlineData("""{ "mode": "status", "status": 404 }""", "HTTP 404")]
    [InlineData("""{ "mode": "status", "status": 406 }""", "HTTP 406")]
    [InlineData("""{ "mode": "redirect", "location": "http://127.0.0.1:9/elsewhere" }""", "redirects are not followed")]
    [InlineData("""{ "mode": "garbage" }""", "MALFORMED")]
    [InlineData("""{ "mode": "truncated" }""", "MALFORMED")]
    [InlineData("""{ "mode": "empty" }""", "without a body")]
    [InlineData("""{ "mode": "closeMidBody" }""", "")]
    [InlineData("""{ "mode": "contentType" }""", "not application/xml")]
    public async Task A_bad_answer_to_a_poll_is_journalled_and_survived(string fault, string words)
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 2);
        await rig.HubHasAsync(e => e.Segments.Count == 1);
        await rig.SettleAsync();
        var asked = JsonNode.Parse(fault)!;
        (asked["times"], asked["service"]) = (1, "OadrPoll");

        await rig.Vtn.PostAsync("/sim/faults", asked);

        var message = await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=20"))["messages"]!.AsArray().FirstOrDefault(m => m!["problem"] is not null), m => m is not null);
        Assert.Contains(words, message!["problem"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(rig.Hub.Withdrawals);
        await rig.Vtn.IssueAsync("e2", start: "+PT1H");
        var both = await rig.HubHasAsync(e => e.Segments.Count == 2);
        Assert.Equal(30_000, both.Segments[0].Limits.ImportLimitW);
    }

    [Theory]
    [InlineData("""{ "mode": "hang", "delayMs": 60000 }""")]
    [InlineData("""{ "mode": "drip", "delayMs": 1000 }""")]
    public async Task A_VTN_that_does_not_finish_is_left_after_the_timeout(string fault)
    {
        await using var rig = await VenRig.StartAsync();
        var config = VenRig.Config(rig.Vtn.Url);
        config["profile"] = new JsonObject { ["requestTimeout"] = "PT5S" };
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.SettleAsync();
        var asked = JsonNode.Parse(fault)!;
        (asked["times"], asked["service"]) = (1, "OadrPoll");

        await rig.Vtn.PostAsync("/sim/faults", asked);

        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=5")).ToJsonString(), m => m.Contains("no complete reply within 5 s", StringComparison.Ordinal));
        await rig.Vtn.IssueAsync("e1");
        await rig.HubHasAsync(e => e.Segments.Count == 1);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(406)]
    public async Task What_was_answered_404_or_406_is_not_sent_again(int status) // OpenADR 2.0b 9.1.5
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", new JsonObject { ["mode"] = "status", ["status"] = status, ["times"] = 1, ["service"] = "EiReport" });

        var before = await rig.Vtn.CountAsync("oadrRegisterReport");
        await rig.PostAsync("/actions/publish-metadata");
        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path)).ToJsonString(), v => v.Contains("messageGivenUp", StringComparison.Ordinal));
        await rig.SettleAsync();

        Assert.Equal(before + 1, await rig.Vtn.CountAsync("oadrRegisterReport"));
    }

    [Fact]
    public async Task A_reply_of_five_mebibytes_is_cut_off()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();

        await rig.Vtn.PostRawAsync($"/sim/raw?venId={await rig.VenIdAsync()}", [.. "<a>"u8, .. new byte[5 * 1024 * 1024].Select(_ => (byte)' '), .. "</a>"u8]);

        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=5")).ToJsonString(), m => m.Contains("more than 4194304", StringComparison.Ordinal) || m.Contains("longer than 4194304", StringComparison.Ordinal));
    }
}
