using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Carbon;

/// <summary>Intensity in, grams and match out, and the hours of excess at the hub.</summary>
public sealed class CarbonTests
{
    private const string Zone = "/v1/grid-intensity/DE";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_zones_intensity_becomes_the_grams_and_the_match_of_a_site_and_its_excess_hours_advice_at_the_hub(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.RegisterAsync(more: "\"telemetry\":false,\"excessRenewables\":{\"gridZone\":\"DE\",\"atMostGrams\":50,\"drawW\":90000}");
        await rig.RegisterAsync("pv", "\"telemetry\":false,\"publish\":false");
        await rig.RegisterAsync("wind", "\"telemetry\":false,\"publish\":false");
        Assert.Equal(HttpStatusCode.NotFound, await rig.StatusAsync("/v1/sites/site-1/carbon-plan"));
        await rig.PutOkAsync("/v1/sites/site-1/carbon-plan", """{"meterId":"main","gridZone":"DE","supplies":[{"meterId":"pv","kind":"onSite","register":"import"},{"meterId":"wind","kind":"contracted","percent":50}]}""");

        // Two hours: 8 and 4 kWh drawn; 2 and 2 made on the site; 12 and 4 kWh of wind, half of it the site's.
        var from = MeterRig.Start - Duration.FromHours(2);
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(from, 8, 8, 8, 8, 4, 4, 4, 4));
        await rig.PutOkAsync("/v1/meters/pv/intervals", MeterRig.Intervals(from, 2, 2, 2, 2, 2, 2, 2, 2));
        await rig.PutOkAsync("/v1/meters/wind/intervals", MeterRig.Intervals(from, -12, -12, -12, -12, -4, -4, -4, -4));
        var put = await rig.PutOkAsync(Zone, "from,until,g/kWh\n2026-01-15T10:00:00Z,2026-01-15T11:00:00Z,300\n2026-01-15T13:00:00Z,2026-01-15T15:00:00Z,40\n", "text/csv");
        Assert.Equal((2, 0), (put.GetProperty("points").GetInt32(), put.GetProperty("warnings").GetArrayLength()));

        var advice = (await Until.HoldsAsync(
            () =>
            {
                rig.Pass(Duration.FromSeconds(1));
                return Task.FromResult(rig.Hub.Envelopes.LastOrDefault(e => e.Stream.Key == "excess-renewables" && e.Targets.Count > 0));
            },
            found => found is not null,
            () => Task.FromResult($"rejected: {string.Join("; ", rig.Hub.Rejected)}")))!;
        Assert.Equal((Obligation.Advisory, 90_000L, Instant.FromUtc(2026, 1, 15, 13, 0), Instant.FromUtc(2026, 1, 15, 15, 0)), (advice.Obligation, advice.Targets[0].TargetW!.Value, advice.Targets[0].From, advice.Targets[0].Until!.Value));
        Assert.Empty(advice.Segments);

        // 10 to 11 h: 2400 g, and 2 + 6 of 10 kWh are matched. 11 to 12 h: nobody knows the intensity, so no grams; 2 + 2 of 6.
        const string Read = "/v1/sites/site-1/carbon?from=2026-01-15T10:00:00Z&until=2026-01-16T00:00:00Z";
        var report = (await rig.GetAsync(Read)).GetProperty("report");
        var (first, second, total) = (report.GetProperty("hours")[0], report.GetProperty("hours")[1], report.GetProperty("total"));
        Assert.Equal(("2400", "0.8", "600"), (Text(first, "grams"), Text(first, "matchedShare"), Text(first, "unmatchedGrams")));
        Assert.Equal((false, "0.666667"), (second.TryGetProperty("grams", out _), Text(second, "matchedShare")));
        Assert.Equal(("2400", "4", 1, "0.75", true), (Text(total, "grams"), Text(total, "kwhWithoutIntensity"), total.GetProperty("hoursWithoutIntensity").GetInt32(), Text(total, "matchedShare"), report.GetProperty("provisional").GetBoolean()));
        Assert.True(report.GetProperty("cycles")[0].GetProperty("provisional").GetBoolean());
        Assert.Equal(("2026-01-01", "2400"), (Text(report.GetProperty("cycles")[0], "from"), Text(report.GetProperty("cycles")[0], "grams")));

        // What comes later takes the place of what it overlaps, and what sticks out stays.
        await rig.PutOkAsync(Zone, """{"points":[{"from":"2026-01-15T10:30:00Z","until":"2026-01-15T12:00:00Z","gramsPerKwh":100}]}""");
        Assert.Equal("2000", Text((await rig.GetAsync(Read)).GetProperty("report").GetProperty("total"), "grams"));
        Assert.Equal(3, (await rig.GetAsync(Zone + "?from=2026-01-15T00:00:00Z&until=2026-01-16T00:00:00Z")).GetProperty("points").GetArrayLength());
        Assert.Empty(rig.Hub.Rejected);

        // Half of the wind is this site's: another one can have the other half, and no more.
        await rig.PutOkAsync("/v1/meters/second", """{"siteId":"site-2","tariffId":"depot","telemetry":false,"publish":false}""");
        static string Second(int percent) => "{\"meterId\":\"second\",\"gridZone\":\"DE\",\"supplies\":[{\"meterId\":\"wind\",\"kind\":\"contracted\",\"percent\":" + percent + "}]}";
        using (var over = await rig.PutAsync("/v1/sites/site-2/carbon-plan", Second(51)))
        {
            Assert.Contains("'site-1'", Text(await TariffsUnderTest.ProblemAsync(over, ErrorClass.SemanticReference), "detail"), StringComparison.Ordinal);
        }

        await rig.PutOkAsync("/v1/sites/site-2/carbon-plan", Second(50));
    }

    [Fact]
    public async Task Sessions_by_a_stored_zone_and_the_hours_as_csv()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await service.RefusedAsync("/v1/carbon-reports", """{"timeZone":"Etc/UTC","gridZone":"PGE","sessions":[{"id":"a","start":"2026-06-22T07:00:00Z","end":"2026-06-22T07:10:00Z","kWh":2}]}""", ErrorClass.UnknownId);
        const string Midas = """
            {"RateID":"USCA-SGIP-MOER-PGE","ValueInformation":[{"DateStart":"2026-06-22","TimeStart":"07:00:00","DateEnd":"2026-06-22","TimeEnd":"07:04:59","Unit":"g/kWh CO2","Value":600},
            {"DateStart":"2026-06-22","TimeStart":"07:05:00","DateEnd":"2026-06-22","TimeEnd":"07:09:59","Unit":"g/kWh CO2","Value":400}]}
            """;
        using (var put = await service.Operator.PutAsync(new Uri("/v1/grid-intensity/PGE?format=midas", UriKind.Relative), TariffsUnderTest.Json(Midas), TestContext.Current.CancellationToken))
        {
            Assert.Equal("2026-06-22T07:10:00Z", Text(await TariffsUnderTest.OkAsync(put), "until"));
        }

        var told = await service.PostAsync("/v1/carbon-reports", """{"timeZone":"America/Los_Angeles","gridZone":"PGE","sessions":[{"id":"a","start":"2026-06-22T07:00:00Z","end":"2026-06-22T07:10:00Z","kWh":2}]}""");
        Assert.Equal(("1000", "PGE"), (Text(told.GetProperty("report").GetProperty("sessions")[0], "grams"), Text(told.GetProperty("report"), "gridZone")));

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/carbon-reports", UriKind.Relative))
        {
            Content = TariffsUnderTest.Json("""{"timeZone":"Etc/UTC","gridZone":"PGE","intervals":{"start":"2026-06-22T07:00:00Z","minutes":5,"kWh":[1,1,1]},"supplies":[{"id":"pv","kind":"onSite","kWh":[1,0,0]}]}"""),
        };
        request.Headers.Accept.ParseAdd("text/csv");
        using var csv = await service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(
            "from,until,drawn_kwh,on_site_kwh,grams_per_kwh,grams,contracted_kwh,matched_kwh,matched_share,unmatched_grams,missing_intervals,doubtful_intervals\r\n2026-06-22T07:00:00Z,2026-06-22T07:15:00Z,3,1,,,0,1,0.25,,0,0\r\n",
            await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await service.RefusedAsync("/v1/carbon-reports", """{"timeZone":"Etc/UTC","gridZone":"PGE","intervals":{"start":"2026-06-22","minutes":1440,"kWh":[24]}}""", ErrorClass.DataGap);
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
