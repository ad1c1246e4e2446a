using GridServices.EnvelopeHub.Service;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class SiteTests(Browser browser)
{
    private static readonly ViewportSize Phone = new() { Width = 360, Height = 740 };

    [Fact]
    public async Task From_an_empty_console_a_site_is_made_and_its_connection_protects_it_at_once()
    {
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        await using var console = await ConsoleService.StartAsync(
            browser, null, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}");
        await console.AddUserAsync(UserRole.Enroller);
        var page = await console.SignedInAsync("enroller", new() { ViewportSize = Phone });
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Add the first customer" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Acme Logistics");
        await page.GetByLabel("Country").FillAsync("us");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await FillSiteAsync(page);
        await page.GetByLabel("Time zone").FillAsync("Mars/Olympus");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("One field");
        await Assertions.Expect(page.GetByLabel("Time zone")).ToHaveAttributeAsync("aria-invalid", "true");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await page.GetByLabel("Time zone").FillAsync("America/Los_Angeles");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Depot North");
        await Assertions.Expect(page.GetByText("may import 66.51 kW")).ToBeVisibleAsync();
        // The outbox tells the hub; the page is asked again until the hub has it.
        await Until.HoldsAsync(
            async () =>
            {
                await page.ReloadAsync();
                return await page.Locator("#now").InnerTextAsync();
            },
            text => text.Contains("Import limited to 66.51", StringComparison.Ordinal));
        await Pages.ShootAsync(page, "site-phone");
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("by the connection limit; nothing else states a limit.");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);

        // The breaker's data are cleared and only the agreement's power is stated: the limit stays until a person confirms.
        await page.GotoAsync("/sites/depot-1/edit");
        await page.GetByLabel("Breaker or fuse, per conductor").FillAsync("");
        await page.GetByLabel("Voltage").FillAsync("");
        await page.GetByLabel("Installation code").SelectOptionAsync("");
        await page.GetByLabel("Import that the agreement allows").FillAsync("100");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The limit stays at 66.51 kW of import")).ToContainTextAsync("would give: 100 kW");
        await Axe.NoViolationsAsync(page);
        await Pages.FitAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm the limit" }).ClickAsync();
        await Assertions.Expect(page.GetByText("may import 100 kW")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Confirm the limit" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Without_a_hub_a_site_says_that_nothing_is_known_and_never_that_all_is_well()
    {
        await using var console = await ConsoleService.StartAsync(browser, null, "--Services:EnvelopeHub:Url=http://127.0.0.1:9", "--Services:EnvelopeHub:Token=x");
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("viewer", new() { JavaScriptEnabled = false });
        await page.GotoAsync("/sites/depot-1");
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("Unknown");
        await Assertions.Expect(page.Locator("#now")).Not.ToContainTextAsync("limited");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Change" })).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Audit" })).ToHaveCountAsync(0);
        var answer = await page.GotoAsync("/sites/depot-1/edit");
        Assert.Equal(403, answer!.Status);
        await page.GotoAsync("/");
        await Assertions.Expect(page.Locator("#today")).ToContainTextAsync("Unknown");
    }

    [Fact]
    public async Task The_second_of_two_who_change_a_site_sees_what_the_first_one_changed()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Enroller);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        var first = await console.SignedInAsync("enroller");
        var second = await console.SignedInAsync("admin");
        await first.GotoAsync("/sites/depot-1/edit");
        await second.GotoAsync("/sites/depot-1/edit");
        await first.GetByLabel("City").FillAsync("Oakland");
        await first.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await first.ArrivesAsync(url => url.EndsWith("/sites/depot-1", StringComparison.Ordinal));
        await second.GetByLabel("City").FillAsync("Fremont");
        await second.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(second.GetByRole(AriaRole.Alert)).ToContainTextAsync("enroller changed this site meanwhile");
        var row = second.GetByRole(AriaRole.Row, new() { Name = "address.city" });
        await Assertions.Expect(row).ToContainTextAsync("Oakland");
        await Assertions.Expect(row).ToContainTextAsync("Fremont");
        await Axe.NoViolationsAsync(second);
        Assert.Equal("Oakland", (await console.Get<SiteStore>().FindBySiteIdAsync("default", "depot-1", TestContext.Current.CancellationToken))!.Address.City);
    }

    [Fact]
    public async Task The_list_finds_by_name_and_goes_to_a_site_by_its_id_and_pages_on()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SitesAsync(console, 60);
        var page = await console.SignedInAsync("viewer", new() { JavaScriptEnabled = false });
        await page.GotoAsync("/sites");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(10);
        await page.GetByLabel("Name of the site").FillAsync("depot 413");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).Last.ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("depot-7");
        await page.GetByLabel("Search", new() { Exact = true }).PressAsync("Enter");
        await page.ArrivesAsync(url => url.EndsWith("/sites/depot-7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_made_elsewhere_shows_on_an_open_page_by_itself()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync("/sites");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Axe.NoViolationsAsync(page);
        await Samples.SiteAsync(console, "depot-2");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Everything_is_reached_by_keyboard_and_the_first_page_is_small()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("admin");
        long bytes = 0;
        page.Response += (_, answer) => bytes += answer.Headers.TryGetValue("content-length", out var length) ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0;
        await page.GotoAsync("/");
        bytes += (await page.ContentAsync()).Length;
        Assert.InRange(bytes, 1, 200_000);
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main")).ToBeFocusedAsync();
    }

    private static async Task FillSiteAsync(IPage page)
    {
        await page.GetByLabel("Site id").FillAsync("depot-1");
        await page.GetByLabel("Name of the site").FillAsync("Depot North");
        await page.GetByLabel("Street and number").FillAsync("1 Main St");
        await page.GetByLabel("Postcode").FillAsync("94607");
        await page.GetByLabel("City").FillAsync("Oakland");
        await page.GetByLabel("Country").FillAsync("US");
        await page.GetByLabel("Breaker or fuse, per conductor").FillAsync("100");
        await page.GetByLabel("Voltage").FillAsync("480");
        await page.GetByLabel("Phases").SelectOptionAsync("threePhase");
        await page.GetByLabel("Installation code").SelectOptionAsync("nec");
        await page.GetByLabel("Export that the agreement allows").FillAsync("0");
    }
}
