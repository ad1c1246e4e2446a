using System.Text.Json.Nodes;
using GridServices.Operations.Compliance;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Compliance;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Money;

/// <summary>Baselines of the real Tariffs service: while an event goes on, and where another rule is used.</summary>
public sealed class BaselineUseTests
{
    private static readonly LocalDateTime From = new(2025, 7, 15, 16, 0);
    private static readonly LocalDateTime Until = new(2025, 7, 15, 20, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_event_is_forecast_by_its_baseline_so_far_and_the_power_now()
    {
        var half = From.PlusHours(2);
        await using var money = await MoneyInstallation.StartAsync(null, new FakeClock(half.InZoneStrictly(MoneyInstallation.Zone).ToInstant()));
        var enrollment = await money.EnrollAsync();

        // Read before there is an event: the job looks every minute too, and after a look without readings not again for five minutes.
        await money.ReadAsync("m-1", new LocalDateTime(2025, 6, 20, 0, 0), half, at => at >= From ? 40 : 100);
        var held = await money.EventAsync(enrollment, From, Until);
        var forecasts = money.Operations.Service.App.Services.GetRequiredService<EventForecasts>();
        Assert.Equal(ForecastGap.NoReport, forecasts.Compute(held with { Id = "never looked at" }, held.Event.Sites[0], 70_000).Gap);

        await forecasts.RefreshAsync("default", Ct);
        Assert.Equal(new VerdictForecast(40, 30, 0.75m, ComplianceVerdict.Partly, null), forecasts.Compute(held, held.Event.Sites[0], 70_000));
        Assert.Equal(ComplianceVerdict.Met, forecasts.Compute(held, held.Event.Sites[0], 40_000).Verdict);
        Assert.Equal(ForecastGap.NoPower, forecasts.Compute(held, held.Event.Sites[0], null).Gap);
    }

    [Fact]
    public async Task A_rule_that_is_used_for_want_of_temperatures_is_named_in_the_settlement_and_the_report()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var program = JsonNode.Parse(TemplateReader.Write(TemplateCatalog.Find("PGE-ELRP-A2")!))!.AsObject();
        program["version"] = 90;
        program["baseline"]!["rule"] = JsonNode.Parse("""{ "name": "nearest 2 of 3 by temperature", "windowDays": 3, "select": 2, "days": "any", "weather": {} }""");
        program["baseline"]!["fallbacks"] = JsonNode.Parse("""[{ "name": "the day before", "windowDays": 1, "select": 1, "days": "any" }]""");
        program["baseline"]!["weather"] = JsonNode.Parse("""{ "station": "KOAK", "source": "test", "certainty": "judgement" }""");
        await money.Operations.PutAsync("/v1/programs/PGE-ELRP-A2", program.ToJsonString());
        var held = await money.EventAsync(await money.EnrollAsync(), From, Until);
        await money.ReadAsync("m-1", new LocalDateTime(2025, 6, 20, 0, 0), new LocalDateTime(2025, 7, 16, 0, 0), at => at >= From && at < Until ? 40 : 100);
        var settled = await money.Operations.PostAsync($"/v1/events/{held.Id}/sites/site-1/settlements", null);
        Assert.Equal(("the day before", "preliminary"), ((string)settled["baselineRule"]!, (string)settled["status"]!));
        Assert.Contains("nearest 2 of 3 by temperature", (string)settled["baselineFallback"]!, StringComparison.Ordinal);
        Assert.Equal(["temperaturesMissing"], settled["preliminary"]!.AsArray().Select(r => (string)r!));
        var report = (await money.Operations.Service.App.Services.GetRequiredService<ComplianceReader>().ReadAsync(held, "site-1", Ct))!;
        Assert.Equal(("the day before", 240m), (report.Head.BaselineUsed, report.DeliveredKwh));
        Assert.Contains("nearest 2 of 3 by temperature", report.Head.BaselineFallback, StringComparison.Ordinal);

        // Once the temperatures are there, the program's own rule speaks again.
        await PutAsync(money, """{ "points": [ { "from": "2025-06-20T00:00:00Z", "until": "2025-07-17T00:00:00Z", "celsius": 30 } ] }""");
        var final = await money.Operations.PostAsync($"/v1/events/{held.Id}/sites/site-1/settlements", null);
        Assert.Equal(("nearest 2 of 3 by temperature", 30m), ((string)final["baselineRule"]!, (decimal)final["eventCelsius"]!));
        Assert.Null(final["baselineFallback"]);
        Assert.DoesNotContain("temperaturesMissing", final["preliminary"]?.ToJsonString() ?? "", StringComparison.Ordinal);
    }

    private static async Task PutAsync(MoneyInstallation money, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await money.TariffsHttp.PutAsync(new Uri("/v1/temperatures/KOAK", UriKind.Relative), content, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
