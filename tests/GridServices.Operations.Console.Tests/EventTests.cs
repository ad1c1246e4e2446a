using GridServices.Operations.Access;
using GridServices.Operations.Service.Events;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class EventTests(Browser browser)
{
    private static readonly Instant Soon = SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(1);

    [Fact]
    public async Task On_a_phone_a_dispatcher_opts_out_in_four_taps_and_the_choice_is_kept()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Dispatcher);
        await Samples.SiteAsync(console);
        var held = await Samples.EventAsync(console, Soon, Duration.FromHours(2), "depot-1");
        var page = await console.SignedInAsync("dispatcher", new() { ViewportSize = new() { Width = 360, Height = 740 } });
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await Pages.ShootAsync(page, "today-phone");

        // Tap 1: the event on the first page; the only site is chosen already.
        await page.GetByRole(AriaRole.Link, new() { Name = "OPENADR-PLAIN" }).ClickAsync();
        await Pages.FitAsync(page);
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "event-phone");
        // Tap 2: the reason. Tap 3: opt out. Tap 4: yes.
        await page.GetByLabel("Reason").SelectOptionAsync("mustRun");
        await page.GetByRole(AriaRole.Button, new() { Name = "Opt out" }).ClickAsync();
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, opt out" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Noted: out");
        var choices = await console.Get<OptStore>().ListByEventAsync("default", held.Event.Source, TestContext.Current.CancellationToken);
        var choice = Assert.Single(choices);
        Assert.True(choice.IsOut);
        Assert.Equal("depot-1", choice.SiteId);
    }

    [Fact]
    public async Task Without_a_reason_nothing_is_chosen_and_a_viewer_is_shown_no_button()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Dispatcher);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console);
        var held = await Samples.EventAsync(console, Soon, Duration.FromHours(2), "depot-1");
        var page = await console.SignedInAsync("dispatcher", new() { JavaScriptEnabled = false });
        await page.GotoAsync($"/events/{held.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Opt out" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is needed.");

        var viewer = await console.SignedInAsync("viewer");
        await viewer.GotoAsync($"/events/{held.Id}");
        await Assertions.Expect(viewer.GetByRole(AriaRole.Heading, new() { Name = "What the utility said" })).ToBeVisibleAsync();
        await Assertions.Expect(viewer.GetByRole(AriaRole.Button, new() { Name = "Opt out" })).ToHaveCountAsync(0);
        var form = await viewer.Locator("form[action='/sign-out'] input[name=__RequestVerificationToken]").GetAttributeAsync("value");
        var answer = await viewer.Context.APIRequest.PostAsync($"/events/{held.Id}", new()
        {
            Form = viewer.Context.APIRequest.CreateFormData().Set("__RequestVerificationToken", form!).Set("site", "depot-1").Set("direction", "Out").Set("reason", "mustRun").Set("confirmed", "1"),
        });
        Assert.Equal(403, answer.Status);
        Assert.Empty(await console.Get<OptStore>().ListByEventAsync("default", held.Event.Source, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task On_a_day_of_clock_change_both_hours_are_named_in_the_sites_time_and_in_UTC()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console, zone: "Europe/Berlin");
        var held = await Samples.EventAsync(console, Instant.FromUtc(2030, 10, 27, 0, 30), Duration.FromHours(1), "depot-1");
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync($"/events/{held.Id}");
        await Assertions.Expect(page.Locator("#head")).ToContainTextAsync("02:30 CEST – 02:30 CET");
        await Assertions.Expect(page.Locator("#head")).ToContainTextAsync("00:30–01:30 UTC");
        await page.GotoAsync("/events");
        await Axe.NoViolationsAsync(page);
    }
}
