using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using GridServices.EnvelopeHub.Service;
using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>The compliance report of an event, and a month of them.</summary>
[Collection(BrowserTests.Name)]
public sealed class ComplianceTests(Browser browser)
{
    [Fact]
    public async Task A_report_says_whether_the_limit_was_respected_throughout_with_the_seconds_and_the_energy_above()
    {
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        await using var money = await MoneySamples.StartAsync(
            browser, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}");
        await money.Console.AddUserAsync(UserRole.Viewer);
        var enrollment = await money.EnrollAsync();
        var hour = Hour();
        var kept = await money.EventAsync(enrollment.Id, hour - Duration.FromHours(3), hour - Duration.FromHours(2));
        var broken = await money.EventAsync(enrollment.Id, hour - Duration.FromHours(2), hour - Duration.FromHours(1));
        await money.LimitAsync(hour - Duration.FromHours(3), hour - Duration.FromHours(1), 60_000);
        // A reading a minute: 50 kW, and 66 kW for the last five minutes of the second event.
        await TellAsync(hub, Enumerable.Range(0, 121).Select(i => (hour - Duration.FromHours(3) + Duration.FromMinutes(i), i is >= 115 and < 120 ? 66_000 : 50_000)));

        var page = await money.Console.SignedInAsync("viewer");
        await Until.HoldsAsync(
            async () =>
            {
                await page.GotoAsync($"/events/{kept.Id}/compliance/depot-1");
                return await page.Locator("main").InnerTextAsync();
            },
            text => text.Contains("yes · 0 s above", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Preliminary");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "compliance");
        await page.GotoAsync($"/events/{broken.Id}/compliance/depot-1");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("no · 300 s above, 0.5\u00a0kWh above the limit");
        await Axe.NoViolationsAsync(page);
        Assert.Contains("report_sha256", await (await page.Context.APIRequest.GetAsync(page.Url + "?format=csv")).TextAsync(), StringComparison.Ordinal);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "CSV" })).ToBeHiddenAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Screen });
        await page.SetViewportSizeAsync(360, 740);
        await Pages.FitAsync(page);

        // The month: one report is made; the other event waits for its own, or the job has made it by now.
        var month = GetMonth(broken.Event.From);
        var report = await money.Console.Get<ComplianceReader>().ReadAsync(broken, "depot-1", TestContext.Current.CancellationToken);
        await money.Console.Get<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => ComplianceStore.SaveAsync(transaction, broken, report!));
        await page.GotoAsync(string.Create(CultureInfo.InvariantCulture, $"/compliance?month={month.Year:0000}-{month.Month:00}&site=depot-1"));
        await Assertions.Expect(page.Locator("#months")).ToContainTextAsync("no · 300 s above, 0.5\u00a0kWh above the limit");
        await Assertions.Expect(page.Locator($"#events a[href='/events/{broken.Id}/compliance/depot-1']")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator($"main a[href='/events/{kept.Id}/compliance/depot-1']")).ToHaveCountAsync(1);
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await Pages.ShootAsync(page, "compliance-month");
    }

    [Fact]
    public async Task Play_6_a_report_is_preliminary_by_telemetry_and_final_once_late_meter_data_are_in()
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var clock = new FakeClock(now);
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        await using var money = await MoneySamples.StartAsync(
            browser, clock, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}");
        await money.Console.AddUserAsync(UserRole.Analyst);
        var hour = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / 3600 * 3600);
        var (from, until) = (hour - Duration.FromHours(2), hour - Duration.FromHours(1));
        var held = await money.EventAsync((await money.EnrollAsync()).Id, from, until);
        // The meter's readings of the weeks before are there, those of the event are late; the controller tells 40 kW.
        await money.ReadAsync(from - Duration.FromDays(40), from, _ => 100);
        await TellAsync(hub, Enumerable.Range(0, 61).Select(i => (from + Duration.FromMinutes(i), 40_000)));
        var page = await money.Console.SignedInAsync("analyst");
        await MadeAsync(money, page, held.Id, "Preliminary");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("telemetry");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("100\u00a0%");

        // The meter's word comes late and is another: half of what was promised, and the days of correction pass.
        await money.ReadAsync(from, until, _ => 70);
        clock.Advance(Duration.FromDays(61));
        var later = await money.Console.SignedInAsync("analyst");
        await MadeAsync(money, later, held.Id, "Final");
        await Assertions.Expect(later.Locator("main")).ToContainTextAsync("partly");
        await Assertions.Expect(later.Locator("main")).ToContainTextAsync("50\u00a0%");
        Assert.DoesNotContain("telemetry", await later.Locator("table").First.InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(ReportStatus.Final, Assert.Single(await money.Console.Get<ComplianceStore>().ListByEventAsync("default", held.Id, TestContext.Current.CancellationToken)).Status);
    }

    /// <summary>The last full hour; the one before where the two events, three and two hours back, would begin in two months of the site.</summary>
    private static Instant Hour()
    {
        var hour = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds() / 3600 * 3600);
        return GetMonth(hour - Duration.FromHours(3)) == GetMonth(hour - Duration.FromHours(2)) ? hour : hour - Duration.FromHours(1);
    }

    private static YearMonth GetMonth(Instant at) => at.InZone(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).Date.ToYearMonth();

    /// <summary>The job makes it; the page shows it.</summary>
    private static async Task MadeAsync(MoneySamples money, IPage page, string eventId, string status)
    {
        await Until.HoldsAsync(
            async () =>
            {
                money.Console.Get<GridServices.Hosting.JobTrigger>().Run("compliance");
                return await money.Console.Get<ComplianceStore>().ListByEventAsync("default", eventId, TestContext.Current.CancellationToken);
            },
            made => made.Any(r => r.Status.ToString() == status));
        await page.GotoAsync($"/events/{eventId}/compliance/depot-1");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(status);
    }

    private static async Task TellAsync(ServiceApp hub, IEnumerable<(Instant At, int Watts)> readings)
    {
        using var http = hub.Client(hub.Tokens.Operator);
        using var content = new StringContent($"[{string.Join(',', readings.Select(r => $$"""{ "at": "{{r.At}}", "netPowerW": {{r.Watts}} }"""))}]", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await http.PostAsync(new Uri("/v1/sites/depot-1/telemetry", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
