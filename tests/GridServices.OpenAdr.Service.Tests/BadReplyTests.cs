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
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=50")).ToJsonString(), m => m.Contains("no complete reply within 5 s", StringComparison.Ordinal));
        await rig.Vtn.IssueAsync("e1");
        await rig.HubHasAsync(e => e.Segments.Count == 1);
    }

    [Fact]
    public async Task A_poll_that_is_cut_for_a_person_is_in_the_journal_and_its_events_are_asked_for()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        var asked = await rig.Vtn.CountAsync("oadrRequestEvent");
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "hang", "delayMs": 60000, "times": 1, "service": "OadrPoll" }""")!);
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/messages?name=oadrPoll"), m => m[^1]!["fault"]?.GetValue<string>() == "Hang");

        await rig.PostAsync("/actions/publish-metadata");

        var journal = await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=20"))["messages"]!.AsArray(), m => m.Any(row => row!["problem"]?.GetValue<string>().StartsWith("cut ", StringComparison.Ordinal) == true));
        Assert.Equal("oadrPoll", journal.Single(row => row!["problem"] is not null)!["message"]!.GetValue<string>());
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrRequestEvent"), n => n > asked);
    }

    [Fact]
    public async Task A_report_that_was_asked_for_in_answers_that_broke_off_is_asked_for_anew_and_comes()
    {
        await using var rig = await VenRig.StartAsync(vtnOptions: ["--request-reports", "PT1S"]);

        // The VTN's METADATA and its request wait in the queue from the registration on; it gives both away to connections that end.
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "closeMidBody", "times": 2, "service": "OadrPoll" }""")!);
        await rig.EnrollAsync();

        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrUpdateReport"), n => n > 0);
        Assert.Equal(2, await rig.Vtn.CountAsync("oadrRegisterReport"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(406)]
    public async Task What_was_answered_400_or_406_is_not_sent_again(int status) // OpenADR 2.0b 9.1.5
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
    public async Task An_answer_that_the_VTN_never_takes_is_parked_while_all_else_goes_on_and_a_person_has_it_sent_again()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "status", "status": 500, "times": 2, "message": "oadrCreatedEvent", "body": "who?" }"""));
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "status", "status": 404, "times": 1, "message": "oadrCreatedEvent" }"""));
        await rig.Vtn.IssueAsync("e1", start: "+PT1H");

        var failing = await VenRig.UntilAsync(() => ConditionAsync(rig), c => c["failing"] is not null);
        Assert.Equal(("oadrCreatedEvent", "e1"), (failing["failing"]![0]!["message"]!.GetValue<string>(), failing["failing"]![0]!["events"]![0]!.GetValue<string>()));
        var polls = await rig.Vtn.CountAsync("oadrPoll");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrPoll"), n => n > polls + 10);
        await rig.Vtn.IssueAsync("e2", start: "+PT3H", more: new JsonObject { ["responseRequired"] = "never" });
        await rig.HubHasAsync(e => e.Segments.Count == 2);

        var parked = await VenRig.UntilAsync(() => ConditionAsync(rig), c => c["parked"] is not null);
        Assert.Equal(("ok", null, null), (parked["status"]!.GetValue<string>(), parked["problem"], parked["failing"]));
        Assert.Equal("HTTP 404", parked["parked"]![0]!["problem"]!.GetValue<string>());
        Assert.NotNull((await rig.GetAsync(VenRig.Path + "/events/e1"))["answerParkedAt"]);
        Assert.Contains("parked", (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("who?", (await rig.GetAsync(VenRig.Path + "/messages?limit=500")).ToJsonString(), StringComparison.Ordinal);

        await rig.PostAsync("/actions/resend");
        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path + "/events/e1"))["answerOwed"]!.GetValue<bool>(), owed => !owed);
        Assert.Null((await ConditionAsync(rig))["parked"]);
    }

    [Theory]
    [InlineData(401, "no VEN of this name")]
    [InlineData(403, "<html>the certificate is not the one on file</html>")]
    public async Task What_comes_with_a_refusal_is_in_the_journal(int status, string page)
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", new JsonObject { ["mode"] = "status", ["status"] = status, ["times"] = 2, ["service"] = "OadrPoll", ["body"] = page });

        var message = await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=20"))["messages"]!.AsArray().FirstOrDefault(m => m!["xml"]?.GetValue<string>() == page), m => m is not null);
        Assert.Equal((status, "received"), (message!["httpStatus"]!.GetValue<int>(), message["direction"]!.GetValue<string>()));
        await rig.SettleAsync();
    }

    [Fact]
    public async Task Acknowledgements_that_the_VTN_answers_with_nothing_are_sent_once()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "status", "status": 204, "times": 100, "message": "oadrResponse", "processed": true }"""));
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "empty", "times": 100, "message": "oadrCreatedEvent" }"""));
        var (responses, registrations) = (await rig.Vtn.CountAsync("oadrResponse"), await rig.Vtn.CountAsync("oadrCreatePartyRegistration"));

        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reregistration");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrCreatePartyRegistration"), n => n > registrations);
        await rig.Vtn.IssueAsync("e1", start: "+PT1H");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrCreatedEvent"), n => n > 0);
        await rig.SettleAsync();

        Assert.Equal((responses + 1, 1), (await rig.Vtn.CountAsync("oadrResponse"), await rig.Vtn.CountAsync("oadrCreatedEvent")));
        Assert.DoesNotContain("alarm", (await rig.GetAsync(VenRig.Path))["notes"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_distribution_without_vtnID_is_answered_and_a_reregistration_for_another_VEN_is_told_once()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        const string Distribution = """
            <oadrPayload xmlns="http://openadr.org/oadr-2.0b/2012/07" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110" xmlns:pyld="http://docs.oasis-open.org/ns/energyinterop/201110/payloads"><oadrSignedObject>
            <oadrDistributeEvent ei:schemaVersion="2.0b"><pyld:requestID>d-77</pyld:requestID></oadrDistributeEvent></oadrSignedObject></oadrPayload>
            """;
        await rig.Vtn.PostRawAsync($"/sim/raw?venId={await rig.VenIdAsync()}", System.Text.Encoding.UTF8.GetBytes(Distribution));

        var answer = await VenRig.UntilAsync(async () => (await rig.Vtn.GetAsync("/sim/messages?name=oadrCreatedEvent")).ToJsonString(), m => m.Contains("d-77", StringComparison.Ordinal));
        Assert.Contains("459", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "status", "status": 503, "times": 1, "service": "OadrPoll", "retryAfterS": 2 }"""));

        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=50")).ToJsonString(), m => m.Contains("HTTP 503", StringComparison.Ordinal));
        var before = (await rig.GetAsync(VenRig.Path))["condition"]!["lastPollAt"]!.GetValue<string>();
        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path))["condition"]!["lastPollAt"]!.GetValue<string>(), at => at != before);

        var polls = (await rig.Vtn.GetAsync("/sim/messages?name=oadrPoll")).Select(m => (Status: m!["replyStatus"]!.GetValue<int>(), At: m["at"]!.GetValue<DateTimeOffset>())).ToList();
        var refused = polls.FindIndex(p => p.Status == 503);
        Assert.True(polls[refused + 1].At - polls[refused].At >= TimeSpan.FromSeconds(1.9), $"{polls[refused + 1].At - polls[refused].At}");
    }

    [Fact]
    public async Task A_reply_of_five_mebibytes_is_cut_off()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();

        await rig.Vtn.PostRawAsync($"/sim/raw?venId={await rig.VenIdAsync()}", [.. "<a>"u8, .. new byte[5 * 1024 * 1024].Select(_ => (byte)' '), .. "</a>"u8]);

        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/messages?limit=50")).ToJsonString(), m => m.Contains("more than 4194304", StringComparison.Ordinal) || m.Contains("longer than 4194304", StringComparison.Ordinal));
    }

    private static async Task<JsonNode> ConditionAsync(VenRig rig) => (await rig.GetAsync(VenRig.Path))["condition"]!;
}
