using System.Diagnostics;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests;

public sealed class VenLifeTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_event_issued_by_the_VTN_becomes_a_limit_at_the_hub(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        await rig.RegisterAsync();

        await rig.Vtn.IssueAsync("e1", level: 2);
        var envelope = await rig.HubHasAsync(Holds("e1"));

        Assert.Equal(30_000, Assert.Single(envelope.Segments).Limits.ImportLimitW);
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        Assert.Equal("optIn", (await rig.GetAsync(VenRig.Path + "/events/e1"))["optType"]!.GetValue<string>());
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task A_queue_of_twenty_messages_is_drained_in_one_poll_cycle() // OpenADR 2.0b rule 500
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync("PT4S");
        var ven = await rig.VenIdAsync();
        var before = await rig.Vtn.CountAsync("oadrRegisterReport");
        for (var i = 0; i < 20; i++)
        {
            await rig.Vtn.PostAsync($"/sim/vens/{ven}/request-metadata");
        }

        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrRegisterReport"), n => n > before);
        var clock = Stopwatch.StartNew();
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrRegisterReport"), n => n >= before + 20);

        // One message a poll would have taken nineteen intervals more, on any machine.
        Assert.True(clock.Elapsed < 19 * TimeSpan.FromSeconds(4), $"took {clock.Elapsed}: one message in a poll interval");
    }

    [Fact]
    public async Task A_modified_event_changes_the_limit_and_a_cancelled_one_takes_it_away()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 1);
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ImportLimitW == 60_000));

        await rig.Vtn.SendAsync(HttpMethod.Patch, "/sim/events/e1", JsonNode.Parse(
            """{ "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT10M", "value": 3 } ] } ] }"""));
        var modified = await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ImportLimitW == 0));
        Assert.Equal(1, modified.Segments[0].Cause!.Modification);

        await rig.Vtn.PostAsync("/sim/events/e1/cancel");
        var after = await rig.HubHasAsync(e => e.Revision > modified.Revision);
        Assert.DoesNotContain(after.Segments, s => s.Cause?.EventId == "e1");
    }

    [Fact]
    public async Task An_event_that_is_no_longer_mentioned_is_cancelled_by_implication() // OpenADR 2.0b rule 61
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1");
        await rig.Vtn.IssueAsync("e2", start: "+PT1H");
        var both = await rig.HubHasAsync(e => e.Segments.Count == 2);

        await rig.Vtn.SendAsync(HttpMethod.Delete, "/sim/events/e1");
        await rig.PostAsync("/actions/request-events");

        var after = await rig.HubHasAsync(e => e.Revision > both.Revision);
        Assert.Equal("e2", Assert.Single(after.Segments).Cause!.EventId);
    }

    [Fact]
    public async Task A_VTN_that_is_down_at_the_start_is_registered_with_when_it_comes_up()
    {
        await using var rig = await VenRig.StartAsync();
        var port = rig.Vtn.Port;
        await rig.Vtn.DisposeAsync();
        await rig.EnrollAsync();
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["condition"]!["problem"]!.GetValue<string>().Contains("refused", StringComparison.OrdinalIgnoreCase));

        rig.Vtn = await Vtn.StartAsync(port);

        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
    }

    [Fact]
    public async Task A_VTN_that_forgot_us_is_registered_with_again() // OpenADR 2.0b rule 517
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var ven = await rig.VenIdAsync();
        var before = await rig.Vtn.CountAsync("oadrCreatePartyRegistration");

        await rig.Vtn.PostAsync($"/sim/vens/{ven}/forget");

        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrCreatePartyRegistration"), n => n > before);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.Vtn.IssueAsync("e1");
        await rig.HubHasAsync(Holds("e1"));
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_persons_choice_outlives_a_cancelled_registration_a_restart_and_the_next_registration(Dialect dialect)
    {
        // Some VTNs name their events by paths.
        const string Event = "dr/e1";
        await using var rig = await VenRig.StartAsync(dialect);
        var config = VenRig.Config(rig.Vtn.Url);
        config["registerAgainAfter"] = "PT1S";
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.Vtn.IssueAsync(Event, start: "+PT1H");
        await rig.HubHasAsync(Holds(Event));
        var chosen = await rig.PutAsync(VenRig.Path + "/events/dr%2Fe1/opt", new JsonObject { ["optType"] = "optOut", ["reason"] = "hospital works" });
        Assert.Equal(("optOut", "hospital works"), (chosen["optType"]!.GetValue<string>(), chosen["optReason"]!.GetValue<string>()));

        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/cancel-registration");
        var kept = await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path + "/events")).AsArray()[0]!, e => e["status"]!.GetValue<string>() == "notListed");
        Assert.Equal(("optOut", true), (kept["optType"]!.GetValue<string>(), kept["optByPerson"]!.GetValue<bool>()));
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();

        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count >= 3);
        var held = await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path + "/events/dr%2Fe1"), e => e["status"]!.GetValue<string>() == "far");
        Assert.Equal(("optOut", true, "hospital works"), (held["optType"]!.GetValue<string>(), held["optByPerson"]!.GetValue<bool>(), held["optReason"]!.GetValue<string>()));
        Assert.NotNull(held["optBy"]);
        Assert.Contains("optOut", (await rig.Vtn.GetAsync("/sim/created-events"))[^1]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_event_is_shown_with_its_code_and_the_true_reason()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("bare", start: "+PT1H", more: JsonNode.Parse("""
            { "signals": [ { "name": "LOAD_CONTROL", "type": "x-loadControlSetpoint", "intervals": [ { "duration": "PT10M", "value": 20 } ] } ] }
            """)!.AsObject());
        await rig.Vtn.IssueAsync("euro", start: "+PT2H", more: JsonNode.Parse("""
            { "signals": [ { "name": "ELECTRICITY_PRICE", "type": "price", "unit": { "kind": "currencyPerKWh", "units": "EUR" }, "intervals": [ { "duration": "PT10M", "value": 1 } ] } ] }
            """)!.AsObject());

        var events = await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path + "/events")).AsArray(), e => e.Count == 2);

        Assert.Equal(["refused 460", "refused 460"], events.Select(e => $"{e!["status"]} {e["refusal"]!["code"]}"));
        Assert.Contains("the number has no unit", events[0]!["refusal"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("its currency is EUR, the policy's is USD", events[1]!["refusal"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(rig.Hub.Envelopes.SelectMany(e => e.Segments));
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_restart_amid_an_event_keeps_its_drawn_times_its_opt_and_its_limit(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", start: "-PT1M", more: new JsonObject { ["startAfter"] = "PT30S" });
        var before = await rig.HubHasAsync(Holds("e1"));
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        var told = await rig.GetAsync(VenRig.Path + "/events/e1");

        await rig.StopServiceAsync();
        var published = rig.Hub.Published.Count;
        await rig.StartServiceAsync();

        var again = await rig.GetAsync(VenRig.Path + "/events/e1");
        Assert.Equal("active", again["status"]!.GetValue<string>());
        Assert.Equal(told["start"]!.GetValue<string>(), again["start"]!.GetValue<string>());
        Assert.Equal(told["randomizedByS"]!.GetValue<long>(), again["randomizedByS"]!.GetValue<long>());
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["condition"]!["lastPollAt"] is not null);
        Assert.Empty(rig.Hub.Withdrawals);
        Assert.All(rig.Hub.Envelopes.Skip(published), e => Assert.Equal(before.Segments[0].From, Assert.Single(e.Segments).From));
        Assert.Equal("registered", await rig.StateAsync());
    }

    [Fact]
    public async Task Opting_out_takes_the_limit_away_and_is_told_to_the_VTN()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1");
        var before = await rig.HubHasAsync(Holds("e1"));

        var told = await rig.PutAsync(VenRig.Path + "/events/e1/opt", JsonNode.Parse("""{ "optType": "optOut", "reason": "maintenance" }""")!);

        Assert.Equal(("optOut", true), (told["optType"]!.GetValue<string>(), told["optByPerson"]!.GetValue<bool>()));
        var after = await rig.HubHasAsync(e => e.Revision > before.Revision);
        Assert.Empty(after.Segments);
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.ToJsonString().Contains("optOut", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deleted_VEN_withdraws_its_stream_and_its_successor_goes_on_counting()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1");
        await rig.HubHasAsync(Holds("e1"));

        var (status, _) = await rig.SendAsync(HttpMethod.Delete, VenRig.Path);
        Assert.Equal(204, (int)status);
        await VenRig.UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream.Key == "PROG7"));
        var last = rig.Hub.Withdrawals.Last().Revision;
        // Sent until it is answered: a reply that is cut off may cost a repetition, which cancels nothing twice.
        Assert.InRange(await rig.Vtn.CountAsync("oadrCancelPartyRegistration"), 1, 2);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Get, VenRig.Path)).Status);

        await rig.PutAsync("/v1/vens/other", VenRig.Config(rig.Vtn.Url));
        await rig.HubHasAsync(e => e.Revision > last);
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task While_the_hub_is_away_the_utility_is_answered_and_nothing_is_lost()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        rig.Hub.IsAway = true;
        await rig.Vtn.IssueAsync("e1");
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        Assert.DoesNotContain(rig.Hub.Envelopes, e => Holds("e1")(e));

        rig.Hub.IsAway = false;

        await rig.HubHasAsync(Holds("e1"));
    }

    [Fact]
    public async Task The_hub_is_told_how_the_VTN_is_heard()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await VenRig.UntilAsync(() => rig.Hub.Reports.Any(r => r.Streams.Any(s => s is { Status: UpstreamStatus.Ok, Stream.Key: "PROG7", Stream.Service: "openadr" })));

        Assert.Equal(["site-1"], rig.Hub.Reports.Last().Streams[0].Sites);
    }

    private static Func<Envelope, bool> Holds(string eventId) => e => e.Segments.Any(s => s.Cause?.EventId == eventId);
}
