using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class CalendarTests(Browser browser)
{
    [Fact]
    public async Task A_standing_plan_is_made_in_the_sites_time_before_any_event_and_an_hour_that_is_there_twice_is_refused()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Dispatcher);
        await Samples.SiteAsync(console, zone: "Europe/Berlin");
        var page = await console.SignedInAsync("dispatcher");
        await page.GotoAsync("/calendar");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Name of the site").SelectOptionAsync("depot-1");
        await page.GetByLabel("From").FillAsync("2030-10-27T02:30");
        await page.GetByLabel("Until").FillAsync("2030-10-27T08:00");
        await page.GetByLabel("Takes part").SelectOptionAsync("out");
        await page.GetByLabel("Reason").SelectOptionAsync("mustRun");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("the clocks change");
        await page.GetByLabel("From").FillAsync("2030-10-27T07:30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.ArrivesAsync(url => url.EndsWith("/calendar", StringComparison.Ordinal));
        var plan = Assert.Single(await Until.HoldsAsync(() => console.Get<OptPlanStore>().ListEndingAfterAsync("default", Instant.MinValue, TestContext.Current.CancellationToken), plans => plans.Count > 0));
        Assert.Equal((Instant.FromUtc(2030, 10, 27, 6, 30), OptDirection.Out), (plan.From, plan.Direction));
    }
}
