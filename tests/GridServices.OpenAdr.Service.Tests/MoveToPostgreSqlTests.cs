using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests;

public sealed class MoveToPostgreSqlTests
{
    [Fact]
    public async Task A_VEN_that_was_moved_under_an_event_stays_registered_holds_it_and_goes_on_with_its_revisions()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 1, start: "-PT1M", duration: "PT2H");
        var before = await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        await rig.SettleAsync();
        var (venId, held) = (await rig.VenIdAsync(), (await rig.GetAsync(VenRig.Path + "/events/e1")).ToJsonString());
        var messages = await MessagesAsync(rig);

        await rig.MoveAsync();
        await rig.StartServiceAsync();
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        Assert.Equal(venId, await rig.VenIdAsync());

        // At each start the VTN is asked for its events anew, and answered.
        await Until.HoldsAsync(async () => (await rig.GetAsync(VenRig.Path + "/events/e1")).ToJsonString(), now => now == held);

        await rig.Vtn.SendAsync(HttpMethod.Patch, "/sim/events/e1", JsonNode.Parse(
            """{ "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT2H", "value": 2 } ] } ] }"""));
        var modified = await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ImportLimitW == 30_000));

        Assert.Equal(before.Revision + 1, modified.Revision);
        Assert.Equal(1, await rig.Vtn.CountAsync("oadrCreatePartyRegistration"));
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count >= 2);
        Assert.Empty(rig.Hub.Rejected);

        // Ids of the journal are what people page by: those from before are there, and what comes is above them.
        Assert.Superset(messages.ToHashSet(), (await MessagesAsync(rig)).ToHashSet());
    }

    private static async Task<IReadOnlyList<string>> MessagesAsync(VenRig rig) =>
        [.. (await rig.GetAsync(VenRig.Path + "/messages?limit=500"))["messages"]!.AsArray().Select(m => $"{m!["id"]} {m["message"]}")];
}
