using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

public sealed class LiveDemandTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_reading_becomes_a_headroom_at_the_hub_and_in_the_answer(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.RegisterAsync();
        var stale = await rig.Hub.EnvelopeAsync(e => e.Revision == 1);
        Assert.Equal((20_000L, null), (stale.Segments[0].Limits.ImportLimitW, stale.Segments[0].Until));
        rig.Pass(Duration.FromMinutes(2));
        rig.Hub.Send("site-1", MeterRig.Power(0, 150_000));
        rig.Hub.Send("site-1", MeterRig.Power(60, 150_000));
        rig.Hub.Send("site-1", MeterRig.Power(120, 150_000));
        var live = await rig.Hub.EnvelopeAsync(e => e.Segments.Count > 0 && e.Segments[0].Limits.ImportLimitW == 92_307);
        Assert.Equal(("tariff/peak-cap", Tier.Economic, Obligation.Advisory, new BreachPrice(15, "EUR", BreachUnit.Kw)), (live.Stream.ToString(), live.Tier, live.Obligation, live.BreachPrice));
        Assert.Equal((MeterRig.Start + Duration.FromMinutes(15), 100_000L), (live.Segments[0].Until!.Value, live.Segments[1].Limits.ImportLimitW));
        var meter = (await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0];
        var charge = meter.GetProperty("charges")[0];
        Assert.Equal(
            ("5", "100", "92.307692", "12", "15", false),
            (Text(charge, "energyInWindowKwh"), Text(charge, "targetKw"), Text(charge, "headroomKw"), Text(charge, "marginalPrice"), Text(charge, "marginalPriceWithTaxes"), meter.GetProperty("stale").GetBoolean()));
        Assert.Equal((92_307, "d all"), (meter.GetProperty("streams")[0].GetProperty("importLimitW").GetInt32(), meter.GetProperty("streams")[0].GetProperty("because").GetString()));
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task A_reading_that_tightens_is_an_envelope_at_the_hub_at_once()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync(more: "\"targetW\":100000");
        await rig.Hub.EnvelopeAsync(e => e.Revision == 1);
        rig.Hub.Send("site-1", MeterRig.Power(0, 2_000_000));
        for (var second = 1; second <= 6; second++)
        {
            // The clock stands from the reading on: no timer publishes what the reading itself does not.
            rig.Pass(Duration.FromSeconds(1));
            var known = rig.Hub.Envelopes.Count();
            rig.Hub.Send("site-1", MeterRig.Power(second, 2_000_000));
            await UntilAsync(() => rig.Hub.Envelopes.Count() > known);
        }
    }

    [Fact]
    public async Task A_meter_that_falls_silent_states_its_fail_safe_and_the_hub_hears_that_it_is_stale()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        rig.Pass(Duration.FromMinutes(1));
        rig.Hub.Send("site-1", MeterRig.Power(0, 50_000));
        rig.Hub.Send("site-1", MeterRig.Power(60, 50_000));
        await rig.Hub.EnvelopeAsync(e => e.Segments.Count > 1);
        rig.Pass(Duration.FromMinutes(3));
        var silent = await rig.Hub.EnvelopeAsync(e => e.Revision > 2 && e.Segments is [{ Limits.ImportLimitW: 20_000, Until: null }]);
        Assert.Contains("silent since 2026-01-15T12:01:00Z", silent.Segments[0].Cause!.EventId, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_restart_goes_on_with_peaks_windows_and_revisions(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var hub = await HubStub.StartAsync();
        var clock = new FakeClock(MeterRig.Start);
        long revision;
        {
            var rig = await MeterRig.StartAsync(store, hub, clock);
            await rig.RegisterAsync();
            await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromMinutes(30), 180, 40));
            await hub.EnvelopeAsync(e => e.Segments.Count > 0 && e.Segments[0].Limits.ImportLimitW == 180_000);
            revision = hub.Envelopes.Max(e => e.Revision);
            await rig.Service.DisposeAsync();
        }

        await using var again = await MeterRig.StartAsync(store, hub, clock);
        var charge = (await again.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0].GetProperty("charges")[0];
        Assert.Equal(("180", "180"), (Text(charge, "peakToDateKw"), Text(charge, "targetKw")));
        again.Pass(Duration.FromSeconds(30));
        hub.Send("site-1", MeterRig.Power(0, 200_000));
        hub.Send("site-1", MeterRig.Power(30, 200_000));
        var next = await hub.EnvelopeAsync(e => e.Segments.Count > 0 && e.Segments[0].Limits.ImportLimitW is < 180_000 and > 170_000);
        Assert.True(next.Revision > revision);
        Assert.Equal(hub.Envelopes.Select(e => e.Revision), hub.Envelopes.Select(e => e.Revision).Order().Distinct());
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Intervals_put_twice_change_nothing_and_a_correction_is_counted_anew(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.RegisterAsync(more: "\"telemetry\":false");
        var intervals = MeterRig.Intervals(MeterRig.Start - Duration.FromHours(2), 50, 300, 60, 70);
        var put = await rig.PutOkAsync("/v1/meters/main/intervals", intervals);
        Assert.Equal((4, 0, 0), Counts(put));
        Assert.Equal((0, 0, 4), Counts(await rig.PutOkAsync("/v1/meters/main/intervals", intervals)));
        Assert.Equal("300", await PeakAsync(rig));
        var corrected = await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromMinutes(105), 80));
        Assert.Equal((0, 1, 0), Counts(corrected));
        Assert.Equal("80", await PeakAsync(rig));
        using var csv = await rig.Service.Operator.GetAsync(new Uri("/v1/meters/main/intervals?from=2026-01-15T00:00:00Z&until=2026-01-16T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(
            "start,kW,estimated,telemetry\r\n2026-01-15T10:00:00Z,50,false,false\r\n2026-01-15T10:15:00Z,80,false,false\r\n2026-01-15T10:30:00Z,60,false,false\r\n2026-01-15T10:45:00Z,70,false,false\r\n",
            await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task History_gives_the_ratchet_its_floor()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync(more: "\"telemetry\":false");
        await rig.PutOkAsync("/v1/meters/main/intervals?unit=kW&zone=Etc/UTC", "timestamp,kW\n2025-11-03T10:00:00,250\n2025-11-03T10:15:00,250\n2026-01-15T11:45:00,10\n", "text/csv");
        var meter = (await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0];
        Assert.Equal(("200", "10", "200"), (Text(meter.GetProperty("charges")[0], "floorKw"), Text(meter.GetProperty("charges")[0], "peakToDateKw"), Text(meter.GetProperty("charges")[0], "headroomKw")));
        Assert.Equal("2025-11", meter.GetProperty("priorPeaks")[0].GetProperty("month").GetString());
    }

    [Fact]
    public async Task A_green_button_feed_fills_a_meter()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync(more: "\"telemetry\":false,\"publish\":false,\"interval\":\"PT15M\"");
        var put = await rig.PutOkAsync("/v1/meters/main/intervals", """
            <feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="http://naesb.org/espi"><flowDirection>1</flowDirection><intervalLength>900</intervalLength><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>
            <entry><content><IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>900</duration><start>1768471200</start></timePeriod><value>2500</value></IntervalReading></IntervalBlock></content></entry></feed>
            """, "application/xml");
        Assert.Equal((1, 0, 0), Counts(put));
        Assert.Equal("10", await PeakAsync(rig));
        Assert.Empty(rig.Hub.Envelopes);
    }

    [Fact]
    public async Task Caps_are_streams_of_their_own_and_go_when_they_are_taken_out()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync(more: """ "targetW":100000,"caps":[{"id":"on-peak","schedule":"tou","period":"peak","limitW":30000,"obligation":"mandatory"}] """);
        var cap = await rig.Hub.EnvelopeAsync(e => e.Stream.Key == "on-peak");
        Assert.Equal((Obligation.Mandatory, 30_000L, MeterRig.Start + Duration.FromHours(4)), (cap.Obligation, cap.Segments[0].Limits.ImportLimitW, cap.Segments[0].From));
        await rig.RegisterAsync();
        await UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream.Key == "on-peak" && w.Revision == 2));
        using var deleted = await rig.Service.Operator.DeleteAsync(new Uri("/v1/meters/main", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream.Key == "peak-cap"));
        Assert.Equal(HttpStatusCode.NotFound, await rig.StatusAsync("/v1/sites/site-1/demand"));
        await rig.RegisterAsync("other");
        await rig.Hub.EnvelopeAsync(e => e.Stream.Key == "peak-cap" && e.Revision > rig.Hub.Withdrawals.First(w => w.Stream.Key == "peak-cap").Revision);
    }

    [Fact]
    public async Task Two_meters_do_not_limit_one_boundary_and_an_interval_does_not_change_under_records()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        using var second = await rig.PutAsync("/v1/meters/second", """{"siteId":"site-1","tariffId":"depot"}""");
        await TariffsUnderTest.ProblemAsync(second, ErrorClass.Conflict);
        await rig.PutOkAsync("/v1/meters/second", """{"siteId":"site-1","tariffId":"depot","limitsAt":{"kind":"circuit","id":"garage"},"assetId":"garage"}""");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(1), 1));
        using var changed = await rig.PutAsync("/v1/meters/main", """{"siteId":"site-1","tariffId":"depot","interval":"PT5M"}""");
        await TariffsUnderTest.ProblemAsync(changed, ErrorClass.Conflict);
    }

    [Theory]
    [InlineData("/v1/meters/main/intervals", "{\"minutes\":15,\"kW\":[1]}", "application/json", ErrorClass.SchemaInvalid)]
    [InlineData("/v1/meters/main/intervals", "{\"start\":\"2026-01-15T10:00:00Z\",\"minutes\":60,\"kW\":[1]}", "application/json", ErrorClass.DataMisaligned)]
    [InlineData("/v1/meters/main/intervals", "{\"start\":\"2027-01-15T10:00:00Z\",\"minutes\":15,\"kW\":[1]}", "application/json", ErrorClass.SemanticTime)]
    [InlineData("/v1/meters/main/intervals", "{\"start\":\"2026-01-15T10:00:00Z\",\"minutes\":15,\"kW\":[null]}", "application/json", ErrorClass.SemanticEmpty)]
    [InlineData("/v1/meters/none/intervals", "{}", "application/json", ErrorClass.NotFound)]
    [InlineData("/v1/meters/main/intervals", "timestamp,kW\nnever,1\n", "text/csv", ErrorClass.SemanticTime)]
    [InlineData("/v1/meters/..x", "{}", "application/json", ErrorClass.SemanticId)]
    [InlineData("/v1/meters/new", "{\"siteId\":\"s\",\"tariffId\":\"none\"}", "application/json", ErrorClass.UnknownId)]
    public async Task What_cannot_be_stored_is_refused_with_its_reason(string path, string body, string type, ErrorClass errorClass)
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        using var answer = await rig.PutAsync(path, body, type);
        await TariffsUnderTest.ProblemAsync(answer, errorClass);
    }

    [Fact]
    public async Task Sites_and_tenants_of_others_are_not_seen()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        var elsewhere = await rig.Service.App.AddTokenAsync("elsewhere", Role.Controller, sites: ["site-2"]);
        var stranger = await rig.Service.App.AddTokenAsync("stranger", Role.Operator, tenant: "other");
        foreach (var (token, path, expected) in new[] { (elsewhere, "/v1/sites/site-1/demand", ErrorClass.AuthzSite), (stranger, "/v1/sites/site-1/demand", ErrorClass.NotFound), (stranger, "/v1/meters/main", ErrorClass.NotFound) })
        {
            using var client = rig.Service.App.Client(token);
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            await TariffsUnderTest.ProblemAsync(answer, expected);
        }
    }

    private static Task UntilAsync(Func<bool> holds) => Until.HoldsAsync(holds);

    private static async Task<string?> PeakAsync(MeterRig rig) =>
        Text((await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0].GetProperty("charges")[0], "peakToDateKw");

    private static (int Added, int Corrected, int Unchanged) Counts(JsonElement put) =>
        (put.GetProperty("added").GetInt32(), put.GetProperty("corrected").GetInt32(), put.GetProperty("unchanged").GetInt32());

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
