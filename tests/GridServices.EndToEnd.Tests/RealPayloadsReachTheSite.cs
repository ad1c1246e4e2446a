using System.Text.Json;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>Events as real VTNs wrote them, re-dated, through the simulated VTN to what the site controller obeys.</summary>
public sealed class RealPayloadsReachTheSite
{
    /// <summary>A level table that tells one level from another, and every name by which these payloads call the site.</summary>
    private const string Ven = """
        {
          "vtnUrl": "{vtn}OpenADR2/Simple/2.0b", "venName": "site-1", "siteId": "site-1", "transport": "pull", "pollInterval": "PT1S",
          "targets": { "groupIds": ["Group_123"], "resourceIds": ["RES_123"], "endDeviceAssets": ["Exterior_Lighting"] },
          "programs": [ { "marketContext": "http://utility.example/dr", "defaultPolicy": true, "stream": "PROG7", "tier": "contractual", "optPolicy": "auto",
            "signals": {
              "SIMPLE": { "levels": { "0": {}, "1": { "importLimitW": 51000 }, "2": { "importLimitW": 42000 }, "3": { "importLimitW": 33000 } } },
              "LOAD_CONTROL": { "referenceW": 100000 } } } ]
        }
        """;

    /// <summary>Payload, where its begin is put against now, and the import limit that must come of it.</summary>
    /// <remarks>
    /// EPRI: prices, and "simple" of type delta: 0, 1, 2 for 40 min each. avob: level 3, then 2, 15 min each, start randomised within 3 min.
    /// openleadr 3: a level of 8 s, half the capacity, prices and a set-point, all at once.
    /// </remarks>
    public static TheoryData<string, string, long> Payloads => new()
    {
        { "epri_ven_library/payload__distribute_event_1event2signals.xml", "-PT50M", 51_000 },
        { "epri_ven_library/payload__distribute_event_1event2signals.xml", "-PT100M", 42_000 },
        { "avob_20b/eievent__oadrDistributeEvent.xml", "-PT5M", 33_000 },
        { "avob_20b/eievent__oadrDistributeEvent.xml", "-PT20M", 42_000 },
        { "openleadr_generated/vtn_oadrDistributeEvent_7.xml", "+PT2S", 42_000 },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_real_event_becomes_a_limit_that_the_site_obeys(string payload, string start, long importLimitW)
    {
        var xml = await File.ReadAllTextAsync(TestData.Path("openadr/samples/" + payload), TestContext.Current.CancellationToken);
        await using var run = LocalRun.Start(LocalRun.NewDataFolder(), TestPorts.Block());
        await run.ReadyAsync();
        var (put, refusal) = await run.SendAsync(HttpMethod.Put, new Uri(run.OpenAdr, "/v1/vens/site-1"), "operator", Ven.Replace("{vtn}", run.Vtn.AbsoluteUri, StringComparison.Ordinal));
        Assert.True((int)put is 200 or 201, refusal);
        await run.SaysAsync("VEN site-1: registered");

        var (status, answer) = await run.SendAsync(HttpMethod.Post, new Uri(run.Vtn, "/sim/replay?start=" + Uri.EscapeDataString(start)), role: null, xml, "application/xml");
        Assert.True((int)status is >= 200 and < 300, answer);

        await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => ImportLimit(state) == importLimitW);
        await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => state.GetProperty("netPowerW").GetInt64() <= importLimitW);
        await LocalRun.EventuallyAsync(() => run.GetAsync(new Uri(run.Vtn, "/sim/created-events")), created => created.ToString().Contains("optIn", StringComparison.Ordinal));
    }

    private static long? ImportLimit(JsonElement state) =>
        state.GetProperty("limits").TryGetProperty("importLimitW", out var limit) ? limit.GetProperty("value").GetInt64() : null;
}
