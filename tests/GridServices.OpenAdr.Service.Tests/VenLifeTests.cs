using GridServices.Hosting;
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
        var envelope = await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));

        var segment = Assert.Single(envelope.Segments);
        Assert.Equal(30_000, segment.Limits.ImportLimitW);
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        var told = await rig.GetAsync(VenRig.Path + "/events/e1");
        Assert.Equal("optIn", told["optType"]!.GetValue<string>());
        Assert.Empty(rig.Hub.Rejected);
    }
}
