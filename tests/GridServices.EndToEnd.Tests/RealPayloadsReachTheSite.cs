using System.Net;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>Events as real VTNs wrote them, re-dated, through the simulated VTN to what the site controller obeys.</summary>
public sealed class RealPayloadsReachTheSite : IClassFixture<RealPayloadsReachTheSite.OneRun>
{
    /// <summary>
    /// A level table that tells one level from another, and every name by which these payloads call the site. The simulated utility's own events of every three
    /// minutes go to every VEN, and would count before those of no priority: they are of a program that is not obeyed.
    /// </summary>
    private const string Ven = """
        {
          "vtnUrl": "{vtn}OpenADR2/Simple/2.0b", "venName": "{ven}", "siteId": "site-1", "transport": "pull", "pollInterval": "PT1S",
          "targets": { "groupIds": ["Group_123"], "resourceIds": ["RES_123"], "endDeviceAssets": ["Exterior_Lighting"] },
          "programs": [ { "marketContext": "http://utility.example/dr", "stream": "DEMO", "optPolicy": "never" }, { "defaultPolicy": true, "stream": "PROG7", "tier": "contractual", "optPolicy": "auto",
            "signals": {
              "SIMPLE": { "levels": { "0": {}, "1": { "importLimitW": 51000 }, "2": { "importLimitW": 42000 }, "3": { "importLimitW": 33000 } } },
              "LOAD_CONTROL": { "referenceW": 100000 } } } ]
        }
        """;

    /// <summary>Payload, where its begin is put against now, and the import limit that must come of it.</summary>
    /// <remarks>
    /// EPRI: prices, and "simple" of type delta: 0, 1, 2 for 40 min each. avob: level 3, then 2, 15 min each, start randomised within 3 min.
    /// openleadr 7: level 2 for 30 s.
    /// </remarks>
    public static TheoryData<string, string, long> Payloads => new()
    {
        { "epri_ven_library/payload__distribute_event_1event2signals.xml", "-PT50M", 51_000 },
        { "epri_ven_library/payload__distribute_event_1event2signals.xml", "-PT100M", 42_000 },
        { "avob_20b/eievent__oadrDistributeEvent.xml", "-PT5M", 33_000 },
        { "avob_20b/eievent__oadrDistributeEvent.xml", "-PT20M", 42_000 },
        { "openleadr_generated/vtn_oadrDistributeEvent_7.xml", "+PT1M", 42_000 }, // told a minute ahead: only its begin and a look at it need to fall into its 30 s
    };

    private readonly LocalRun run;

    public RealPayloadsReachTheSite(OneRun fixture) => run = fixture.Run;

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_real_event_becomes_a_limit_that_the_site_obeys(string payload, string start, long importLimitW)
    {
        var xml = await File.ReadAllTextAsync(TestData.Path("openadr/samples/" + payload), TestContext.Current.CancellationToken);
        var ven = $"ven-{Guid.NewGuid():N}"[..12];
        var (put, refusal) = await run.SendAsync(HttpMethod.Put, new Uri(run.OpenAdr, $"/v1/vens/{ven}"), "operator",
            Ven.Replace("{vtn}", run.Vtn.AbsoluteUri, StringComparison.Ordinal).Replace("{ven}", ven, StringComparison.Ordinal));
        Assert.True((int)put is 200 or 201, refusal);
        var vens = await LocalRun.EventuallyAsync(() => run.GetAsync(new Uri(run.Vtn, "/sim/vens")), vens => VenId(vens, ven) is not null);

        var (status, answer) = await run.SendAsync(
            HttpMethod.Post, new Uri(run.Vtn, $"/sim/replay?venId={VenId(vens, ven)}&start={Uri.EscapeDataString(start)}"), role: null, xml, "application/xml");
        Assert.True((int)status is >= 200 and < 300, answer);

        await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => ImportLimit(state) == importLimitW);
        await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => state.GetProperty("netPowerW").GetInt64() <= importLimitW);
        await LocalRun.EventuallyAsync(() => run.GetAsync(new Uri(run.Vtn, "/sim/created-events")), created => created.EnumerateArray().Any(c => c.ToString().Contains("optIn", StringComparison.Ordinal) && c.ToString().Contains(VenId(vens, ven)!, StringComparison.Ordinal)));

        // Without its VEN the event limits nothing any more.
        Assert.Equal(HttpStatusCode.NoContent, (await run.SendAsync(HttpMethod.Delete, new Uri(run.OpenAdr, $"/v1/vens/{ven}"), "operator")).Status);
        await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => ImportLimit(state) != importLimitW);
    }

    private static string? VenId(JsonElement vens, string name) => vens.EnumerateArray()
        .Where(ven => ven.GetProperty("venName").GetString() == name).Select(ven => ven.GetProperty("venId").GetString()).FirstOrDefault();

    private static long? ImportLimit(JsonElement state) =>
        state.GetProperty("limits").TryGetProperty("importLimitW", out var limit) ? limit.GetProperty("value").GetInt64() : null;

    /// <summary>All payloads go through one run, each with a VEN of its own; what the run shows by itself is taken away.</summary>
    public sealed class OneRun : IAsyncLifetime
    {
        internal LocalRun Run { get; } = LocalRun.Start(LocalRun.NewDataFolder(), TestPorts.Block());

        public async ValueTask InitializeAsync()
        {
            await Run.ReadyAsync();
            foreach (var shown in new[] { new Uri(Run.OpenAdr, "/v1/vens/site-1"), new Uri(Run.At(20), "/v1/clients/site-1") })
            {
                await Until.HoldsAsync(async () => (await Run.SendAsync(HttpMethod.Delete, shown, "operator")).Status, status => status is HttpStatusCode.NoContent or HttpStatusCode.NotFound);
            }
        }

        public ValueTask DisposeAsync() => Run.DisposeAsync();
    }
}
