using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests;

/// <summary>A bad line between VEN and VTN: the limit in force stays, nothing is withdrawn or answered twice, and the VEN comes back by itself.</summary>
public sealed class LineFaultTests
{
    [Fact]
    public async Task Whatever_the_line_does_the_limit_in_force_stays_and_the_next_event_comes_through()
    {
        await using var rig = await VenRig.StartAsync();
        await using var line = FaultProxy.To(rig.Vtn.Port);
        await RegisterAsync(rig, line);
        await rig.Vtn.IssueAsync("e0", level: 2, start: "-PT1M", duration: "PT2H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e0"));
        LineFault[] faults =
        [
            LineFault.Status(500), LineFault.Status(503), LineFault.Status(404), LineFault.Status(200), new LineFault { Instead = "\u0000\u0001\r\n\r\n"u8.ToArray() },
            new LineFault { ResetAfter = 0 }, new LineFault { ResetAfter = 100 }, new LineFault { Refuses = true }, new LineFault { BytesPerSecond = 1 }, LineFault.Silent,
        ];
        for (var i = 0; i < faults.Length; i++)
        {
            var problems = await ProblemsAsync(rig);
            line.Fault = faults[i];
            line.Cut();
            await Until.HoldsAsync(() => ProblemsAsync(rig), now => now > problems, () => Task.FromResult($"{faults[i]} was not noticed"));

            line.Fault = LineFault.None;
            line.Cut();
            await rig.Vtn.IssueAsync($"later{i}", level: 1, start: $"+PT{3 + i}H");
            var name = $"later{i}";
            await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == name));
        }

        Assert.Empty(rig.Hub.Withdrawals);
        Assert.All(rig.Hub.Envelopes.Where(e => e.Segments.Count > 0), e => Assert.Equal(30_000, e.Segments.First(s => s.Cause?.EventId == "e0").Limits.ImportLimitW));

        // The hub may have the last one before the VTN has its answer.
        await Until.HoldsAsync(async () => (await rig.Vtn.GetAsync("/sim/created-events")).Select(a => a!["eventId"]!.GetValue<string>()).Distinct().Count(), answered => answered == faults.Length + 1);
    }

    [Fact]
    public async Task A_line_that_drops_everything_in_the_middle_of_requests_leaks_no_connection()
    {
        await using var rig = await VenRig.StartAsync();
        await using var line = FaultProxy.To(rig.Vtn.Port);
        await RegisterAsync(rig, line);
        await rig.SettleAsync();
        for (var round = 0; round < 3; round++)
        {
            var problems = await ProblemsAsync(rig);
            line.Fault = LineFault.Silent;
            await Until.HoldsAsync(() => ProblemsAsync(rig), now => now > problems);
            line.Fault = LineFault.None;
            await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path + "/messages?limit=1"), m => m["messages"]![0]!["problem"] is null);
        }

        // One connection for polls, and one at most that the last fault left to time out.
        await Until.HoldsAsync(() => line.Open <= 2);
    }

    [Fact]
    public async Task Requests_that_the_line_doubles_have_one_effect()
    {
        await using var rig = await VenRig.StartAsync();
        await using var line = FaultProxy.To(rig.Vtn.Port);
        await RegisterAsync(rig, line);
        await rig.SettleAsync();

        // After a request that was cut the VEN asks for all events. A poll alone will not do: this VTN gives an event to one poll, and that may be the one whose answer nobody hears.
        var problems = await ProblemsAsync(rig);
        line.Fault = LineFault.Silent;
        await Until.HoldsAsync(() => ProblemsAsync(rig), now => now > problems);
        await rig.Vtn.IssueAsync("e1", level: 2, start: "-PT1M", duration: "PT2H");
        line.Fault = new LineFault { Twice = true };
        line.Cut();
        var envelope = await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        Assert.Equal(30_000, Assert.Single(envelope.Segments).Limits.ImportLimitW);
        await Until.HoldsAsync(async () => (await rig.Vtn.GetAsync("/sim/created-events")).Count, answers => answers >= 1);
        Assert.Single(rig.Hub.Envelopes, e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
    }

    /// <summary>GRIDSERVICES_FAULTS=long: a thousand versions.</summary>
    [Fact]
    public async Task Of_a_storm_of_versions_the_last_one_wins_and_the_hub_is_told_far_fewer()
    {
        var versions = FaultSuite.IsLong ? 1_000 : 60;
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 1, start: "-PT1M", duration: "PT2H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        for (var version = 1; version <= versions; version++)
        {
            await rig.Vtn.SendAsync(HttpMethod.Patch, "/sim/events/e1", JsonNode.Parse(
                $$"""{ "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT2H", "value": {{(version == versions ? 3 : 1 + (version % 2))}} } ] } ] }"""));
        }

        var last = await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.Modification == versions));
        Assert.Equal(0, Assert.Single(last.Segments).Limits.ImportLimitW);
        var revisions = rig.Hub.Envelopes.Select(e => e.Revision).ToList();
        Assert.Equal(revisions.Order().Distinct(), revisions);

        // The registration's own, the first version's, and one a version at most.
        Assert.True(revisions.Count <= versions + 2, $"{revisions.Count} envelopes for {versions} versions");
        FaultSuite.Report("F20", $"versions={versions} envelopes={revisions.Count} lost=0 wrong=0");
    }

    // Every attempt that fails has a row of its own, or is one more time of it.
    private static async Task<long> ProblemsAsync(VenRig rig) =>
        (await rig.GetAsync(VenRig.Path + "/messages?limit=200"))["messages"]!.AsArray().Where(m => m!["problem"] is not null).Sum(m => m!["times"]?.GetValue<long>() ?? 1);

    private static async Task RegisterAsync(VenRig rig, FaultProxy line)
    {
        var config = VenRig.Config($"http://127.0.0.1:{line.Port}/OpenADR2/Simple/2.0b");
        config["profile"] = new JsonObject { ["requestTimeout"] = "PT5S" };
        config["maxBackOff"] = "PT1S";
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
    }
}
