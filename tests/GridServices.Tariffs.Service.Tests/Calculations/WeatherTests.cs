using System.Net;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Calculations;

/// <summary>Temperatures of a station, stored and used by a baseline; where there are none, the fallback is told.</summary>
public sealed class WeatherTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Stored_temperatures_choose_the_days_of_a_baseline_and_without_them_a_fallback_is_told(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await TariffsUnderTest.StartAsync(store);
        const string Station = "/v1/temperatures/KJFK";
        var csv = "from,until,°C\n2026-07-12T00:00:00Z,2026-07-13T00:00:00Z,34\n2026-07-13T00:00:00Z,2026-07-14T00:00:00Z,20\n2026-07-14T00:00:00Z,2026-07-15T00:00:00Z,\n2026-07-15T00:00:00Z,2026-07-16T00:00:00Z,35\n";
        Assert.Equal(3, (await PutAsync(service, Station, csv, "text/csv")).GetProperty("points").GetInt32());
        await PutAsync(service, Station, """{"points":[{"from":"2026-07-14T00:00:00Z","until":"2026-07-15T00:00:00Z","celsius":36}]}""", "application/json");
        using (var read = await service.Operator.GetAsync(new Uri(Station + "?from=2026-07-13T00:00:00Z&until=2026-07-15T12:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken))
        {
            Assert.Equal(["20", "36", "35"], (await TariffsUnderTest.OkAsync(read)).GetProperty("points").EnumerateArray().Select(p => p.GetProperty("celsius").GetString()));
        }

        using (var wrong = await service.Operator.PutAsync(new Uri(Station, UriKind.Relative), new StringContent("from,until,°C\n2026-07-12T00:00:00Z,2026-07-13T00:00:00Z,95\n", Encoding.UTF8, "text/csv"), TestContext.Current.CancellationToken))
        {
            await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticNumber);
        }

        // Of the three days before, with 10, 20 and 30 kW, those of 34 and 36 °C are nearest to the event's 35.
        var matched = await service.PostAsync("/v1/baselines", Request("KJFK"));
        Assert.Equal(["2026-07-12", "2026-07-14"], matched.GetProperty("selected").EnumerateArray().Select(d => d.GetString()));
        Assert.Equal(("20", "35", false), (matched.GetProperty("adjustedKw")[0].GetString(), matched.GetProperty("eventCelsius").GetString(), matched.TryGetProperty("insteadOf", out _)));

        await service.RefusedAsync("/v1/baselines", Request("nowhere"), ErrorClass.DataGap);
        var settled = await service.PostAsync("/v1/settlements/demand-response", Request("nowhere", ""","fallbacks":[{"name":"yesterday","windowDays":1,"select":1,"days":"any"}],"terms":{"energyPrice":1}"""));
        Assert.Equal(("yesterday", "by weather"), (settled.GetProperty("baseline").GetProperty("rule").GetString(), settled.GetProperty("baseline").GetProperty("insteadOf")[0].GetProperty("rule").GetString()));
        Assert.Contains("nowhere", settled.GetProperty("settlement").GetProperty("baselineFallback").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task More_points_than_one_statement_takes_are_all_stored(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await TariffsUnderTest.StartAsync(store);
        var points = Enumerable.Range(0, 601).Select(i => (From: NodaTime.Instant.FromUtc(2026, 7, 1, 0, 0).Plus(NodaTime.Duration.FromMinutes(15 * i)), Celsius: i % 40))
            .Select(p => $$"""{"from":"{{p.From}}","until":"{{p.From.Plus(NodaTime.Duration.FromMinutes(15))}}","celsius":{{p.Celsius}}}""").ToArray();
        Assert.Equal(601, (await PutAsync(service, "/v1/temperatures/EDDB", $$"""{"points":[{{string.Join(',', points)}}]}""", "application/json")).GetProperty("points").GetInt32());
        using var read = await service.Operator.GetAsync(new Uri("/v1/temperatures/EDDB?from=2026-07-01T00:00:00Z&until=2026-07-08T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(
            Enumerable.Range(0, 601).Select(i => (i % 40).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            (await TariffsUnderTest.OkAsync(read)).GetProperty("points").EnumerateArray().Select(p => p.GetProperty("celsius").GetString()));
    }

    private static string Request(string station, string more = "") => $$"""
        {"rule":{"name":"by weather","windowDays":3,"select":2,"days":"any","maxLookbackDays":3,"weather":{"measure":"dayHighest"} },"weather":{"station":"{{station}}"},
         "event":{"date":"2026-07-15","fromHour":14,"untilHour":15},"timeZone":"Etc/UTC",
         "intervals":{"start":"2026-07-12","minutes":60,"kW":[{{string.Join(',', new[] { 10, 20, 30, 5 }.SelectMany(kw => Enumerable.Repeat(kw, 24)))}}]}{{more}} }
        """;

    private static async Task<JsonElement> PutAsync(TariffsUnderTest service, string path, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await service.Operator.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await TariffsUnderTest.OkAsync(answer);
    }
}
