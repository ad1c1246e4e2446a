using System.Net;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>Events as real VTNs wrote them, re-dated, through the simulated VTN to what the site controller obeys.</summary>
public sealed class RealPayloadsReachTheSite
{
    /// <summary>Payload → the signal it carries and, where the demo policy maps it to one, the import limit that must come of it.</summary>
    public static TheoryData<string, long?> Payloads => new()
    {
        { "epri_ven_library/payload__distribute_event_1event2signals.xml", null },
        { "epri_ven_library/payload__distribute_event_active.xml", null },
        { "avob_20b/eievent__oadrDistributeEvent.xml", null },
        { "openleadr_generated/vtn_oadrDistributeEvent_0.xml", null },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_real_event_becomes_a_limit_that_the_site_obeys(string payload, long? importLimitW)
    {
        var xml = await File.ReadAllTextAsync(SharedData.Path("openadr/samples/" + payload), TestContext.Current.CancellationToken);
        await using var run = LocalRun.Start(LocalRun.NewDataFolder(), LocalRun.FreePorts());
        await run.ReadyAsync();
        await run.SaysAsync("VEN site-1: registered");
        var (status, answer) = await run.SendAsync(HttpMethod.Post, new Uri(run.Vtn, "/sim/replay?start=%2BPT3S"), role: null, xml, "application/xml");
        Assert.True(status == HttpStatusCode.OK, answer);
        var limit = await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), s => s.GetProperty("limits").TryGetProperty("importLimitW", out _), 40);
        Assert.NotEqual(JsonValueKind.Undefined, limit.ValueKind);
        Assert.Null(importLimitW);
    }
}
