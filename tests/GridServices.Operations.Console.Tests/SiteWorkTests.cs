using GridServices.Operations.Access;
using GridServices.Operations.Service.Storage;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>What people do to several sites at once, what they note, and whom they write to.</summary>
[Collection(BrowserTests.Name)]
public sealed class SiteWorkTests(Browser browser)
{
    [Fact]
    public async Task Several_sites_are_tagged_without_script_after_a_page_that_says_what_will_happen()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SitesAsync(console, 3);
        var plain = await console.SignedInAsync("admin", new() { JavaScriptEnabled = false, ViewportSize = new() { Width = 360, Height = 740 } });
        await plain.GotoAsync("/sites");
        await plain.GetByText("Act on several sites").ClickAsync();
        await plain.Locator("input[name=site][value=depot-7]").CheckAsync();
        await plain.Locator("input[name=site][value=depot-14]").CheckAsync();
        await plain.GetByLabel("Tag to add or remove").FillAsync("north");
        await plain.GetByRole(AriaRole.Button, new() { Name = "Add tag" }).ClickAsync();
        await Assertions.Expect(plain.Locator(".note")).ToContainTextAsync("2 sites will get the tag north.");
        await Pages.FitAsync(plain);
        await plain.GetByRole(AriaRole.Button, new() { Name = "Yes: Add tag" }).ClickAsync();
        await Assertions.Expect(plain.GetByRole(AriaRole.Status)).ToContainTextAsync("Add tag: 2 done.");
        Assert.Equal(["north"], (await console.Get<SiteStore>().FindBySiteIdAsync("default", "depot-14", TestContext.Current.CancellationToken))!.Tags);

        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/sites");
        await page.GetByText("Act on several sites").ClickAsync();
        await Axe.NoViolationsAsync(page);
        await page.Locator("input[name=site]").First.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Opt out of live" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("There is nothing to do");
        await Assertions.Expect(page.Locator("tbody tr")).ToContainTextAsync("No event is live or announced for it.");
        await Axe.NoViolationsAsync(page);
        await page.GotoAsync("/sites/depot-7?tab=notes");
        await page.GetByLabel("Note").FillAsync("Key is at the gate");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep the note" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Key is at the gate");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the note" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("No note yet.");
    }

    [Fact]
    public async Task A_live_event_and_its_contacts_and_a_frequency_contract_are_read_by_everybody()
    {
        await using var frequency = await FrequencyStandIn.StartAsync();
        await using var console = await ConsoleService.StartAsync(browser, null, frequency.Arguments);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        var held = await Samples.EventAsync(console, SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(1), Duration.FromHours(20), "depot-1");
        var page = await console.SignedInAsync("admin", new() { ViewportSize = new() { Width = 360, Height = 740 } });
        await page.GotoAsync($"/events/{held.Id}");
        await Assertions.Expect(page.Locator("#sites")).ToContainTextAsync("If it goes on like this");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "0 notified, 0 acknowledged" }).ClickAsync();
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Message").FillAsync("Gate 3 is closed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();
        await Assertions.Expect(page.Locator(".note")).ToContainTextAsync("0 contacts of 1 sites");
        await Axe.NoViolationsAsync(page);

        await page.GotoAsync("/frequency");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "c1" }).ClickAsync();
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("49.652");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
    }
}
