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

    [Fact]
    public async Task Days_are_chosen_by_a_pointer_that_is_drawn_by_the_keyboard_and_without_script()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Dispatcher);
        await Samples.SiteAsync(console, zone: "Europe/Berlin");
        var page = await console.SignedInAsync("dispatcher");
        await page.GotoAsync("/calendar");
        var days = page.Locator("a[data-day]");
        var (from, to, until) = (await days.Nth(8).GetAttributeAsync("data-day"), await days.Nth(11).GetAttributeAsync("data-day"), await days.Nth(11).GetAttributeAsync("data-next"));

        // By their dates: a page that is read after midnight begins with another day.
        var (first, last) = (page.Locator($"a[data-day='{from}']"), page.Locator($"a[data-day='{to}']"));

        // From the later day to the earlier one is the same span.
        await last.HoverAsync();
        await page.Mouse.DownAsync();
        await first.HoverAsync();
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.GetByLabel("From")).ToHaveValueAsync($"{from}T00:00");
        await Assertions.Expect(page.GetByLabel("Until")).ToHaveValueAsync($"{until}T00:00");
        await Assertions.Expect(page.Locator("a[data-day][aria-current]")).ToHaveCountAsync(4);
        Assert.EndsWith("/calendar", page.Url, StringComparison.Ordinal);

        // A click, and Enter on a day, go to the day alone.
        await first.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAsync(url => url.Contains($"first={from}", StringComparison.Ordinal));
        await Assertions.Expect(page.GetByLabel("From")).ToHaveValueAsync($"{from}T00:00");
        await Axe.NoViolationsAsync(page);
        await page.SetViewportSizeAsync(360, 740);
        await Pages.FitAsync(page);

        var plain = await console.SignedInAsync("dispatcher", new() { JavaScriptEnabled = false });
        await plain.GotoAsync("/calendar");
        await plain.Locator($"a[data-day='{to}']").ClickAsync();
        await plain.Locator($"a[data-day='{from}']").ClickAsync();
        await Assertions.Expect(plain.GetByLabel("From")).ToHaveValueAsync($"{from}T00:00");
        await Assertions.Expect(plain.GetByLabel("Until")).ToHaveValueAsync($"{until}T00:00");
        await plain.GetByLabel("Name of the site").SelectOptionAsync("depot-1");
        await plain.GetByLabel("Takes part").SelectOptionAsync("out");
        await plain.GetByLabel("Reason").SelectOptionAsync("mustRun");
        await plain.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        var plan = Assert.Single(await Until.HoldsAsync(() => console.Get<OptPlanStore>().ListEndingAfterAsync("default", Instant.MinValue, TestContext.Current.CancellationToken), plans => plans.Count > 0));
        var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
        Assert.Equal(($"{from}T00:00:00", $"{until}T00:00:00"), (plan.From.InZone(zone).LocalDateTime.ToString("uuuu-MM-dd'T'HH:mm:ss", null), plan.Until.InZone(zone).LocalDateTime.ToString("uuuu-MM-dd'T'HH:mm:ss", null)));
    }
}
