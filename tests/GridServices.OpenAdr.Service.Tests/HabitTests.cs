using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;

namespace GridServices.OpenAdr.Service.Tests;

/// <summary>VTNs as the field has them: what is unusual about them costs no event.</summary>
public sealed class HabitTests
{
    [Theory]
    [InlineData("emptyAcknowledgements")]
    [InlineData("asksReregistration")]
    [InlineData("javaDurations")]
    [InlineData("completedOnce")]
    [InlineData("defaultNamespaces")]
    [InlineData("twoPrefixes")]
    [InlineData("emptyAcknowledgements", "asksReregistration", "javaDurations", "completedOnce", "defaultNamespaces")]
    public async Task Events_come_and_go_over_a_restart_of_the_VTN_and_the_line_stays_healthy(params string[] habits)
    {
        await using var rig = await VenRig.StartAsync(vtnOptions: [.. habits.SelectMany(h => new[] { "--habit", h })]);
        await rig.RegisterAsync();
        var hasShort = habits.Contains("completedOnce");
        if (hasShort)
        {
            await rig.Vtn.IssueAsync("short", level: 1, start: "+PT1S", duration: "PT25S");
        }

        await rig.Vtn.IssueAsync("long", level: 2, start: "+PT2H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "long" && s.Limits.ImportLimitW == 30_000));
        await AnsweredAsync(rig, "long");

        // The VTN asks for a registration, is restarted, and an event has ended meanwhile: none of it may end the other one.
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reregistration");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrCreatePartyRegistration"), n => n >= 2);
        if (hasShort)
        {
            await AnsweredAsync(rig, "short");
            await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/events"), events => events.Any(e => Text(e, "eventId") == "short" && Text(e, "status") == "completed"));
        }

        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/forget");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrCreatePartyRegistration"), n => n >= 3);
        await rig.Vtn.IssueAsync("next", level: 3, start: "+PT5H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "next"));
        await AnsweredAsync(rig, "next");

        Assert.Contains(rig.Hub.Envelopes.Last().Segments, s => s.Cause?.EventId == "long");
        var polls = await PollsAsync(rig);
        await VenRig.UntilAsync(() => PollsAsync(rig), n => n > polls + 3);
        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path))["condition"]!, c => Text(c, "status") == "ok");
        var met = (await rig.Vtn.GetAsync("/sim/messages")).Select(m => m!.ToJsonString()).ToList();
        Assert.All(habits, habit => Assert.Contains(met, m => Signs(habit).All(sign => m.Contains(sign, StringComparison.Ordinal))));
    }

    /// <summary>What the VTN's record of an exchange holds where the habit was met.</summary>
    private static string[] Signs(string habit) => habit switch
    {
        "emptyAcknowledgements" => ["\"name\":\"oadrResponse\"", "\"fault\":\"Empty\""],
        "asksReregistration" => ["\"name\":\"oadrPoll\"", "\"replyName\":\"oadrRequestReregistration\""],
        "javaDurations" => ["P0Y0M0DT0H10M0.000S"],
        "completedOnce" => ["\"name\":\"oadrCreatedEvent\"", "\"replyStatus\":500"],
        "defaultNamespaces" => ["oadrPayload xmlns="],
        "twoPrefixes" => ["xmlns:energy="],
        _ => throw new ArgumentOutOfRangeException(nameof(habit), habit, "has no sign"),
    };

    [Fact]
    public async Task One_message_that_a_VTN_never_takes_delays_no_event_and_is_named()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.PostAsync("/sim/faults", new JsonObject { ["mode"] = "status", ["status"] = 500, ["message"] = "oadrCreatedEvent", ["times"] = 1_000_000 });
        await rig.Vtn.IssueAsync("a", level: 1, start: "+PT1H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "a"));
        await rig.Vtn.IssueAsync("b", level: 2, start: "+PT3H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "b"));

        var condition = await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path))["condition"]!, c => c["failing"] is not null || c["parked"] is not null);
        Assert.Equal("oadrCreatedEvent", Text((condition["failing"] ?? condition["parked"])![0], "message"));
    }

    // The VTN's journal keeps some polls only; it counts all of them.
    private static async Task<long> PollsAsync(VenRig rig) => (await rig.Vtn.GetAsync("/sim/vens"))[0]!["polls"]!.GetValue<long>();

    private static Task<JsonArray> AnsweredAsync(VenRig rig, string eventId) =>
        VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Any(a => Text(a, "eventId") == eventId && Text(a, "optType") == "optIn"));

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
