using GridServices.Operations.Access;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>What lists have in common: filters that people keep, and files of what is in them.</summary>
[Collection(BrowserTests.Name)]
public sealed class ListTests(Browser browser)
{
    [Fact]
    public async Task A_filter_is_kept_per_person_and_a_file_is_made_and_downloaded_without_script()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("admin", new() { JavaScriptEnabled = false });
        await page.GotoAsync("/sites?q=Depot&tag=");
        await page.GetByText("Saved filters").ClickAsync();
        await page.GetByLabel("Name of this filter").FillAsync("Our depots");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save this filter" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Our depots" })).ToHaveAttributeAsync("href", "/sites?q=Depot");
        await page.GotoAsync("/sites");
        await page.GetByText("Saved filters (1)").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Our depots" }).ClickAsync();
        await Assertions.Expect(page.Locator("#name")).ToHaveValueAsync("Depot");
        var other = await console.SignedInAsync("viewer");
        await other.GotoAsync("/sites?q=Depot");
        await Assertions.Expect(other.GetByRole(AriaRole.Link, new() { Name = "Our depots" })).ToHaveCountAsync(0);
        await Axe.NoViolationsAsync(other);
        await Assertions.Expect(other.GetByRole(AriaRole.Link, new() { Name = "Exports" })).ToHaveCountAsync(0);
        Assert.Equal(403, (await other.GotoAsync("/exports"))!.Status);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete filter Our depots" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Our depots" })).ToHaveCountAsync(0);

        var scripted = await console.SignedInAsync("admin");
        await scripted.GotoAsync("/exports");
        await Axe.NoViolationsAsync(scripted);
        await scripted.GetByRole(AriaRole.Button, new() { Name = "Make the file" }).ClickAsync();
        await Assertions.Expect(scripted.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(scripted);
        await scripted.Locator("#kind").SelectOptionAsync("sites");
        await scripted.Locator("#format").SelectOptionAsync("csv");
        await scripted.Locator("#from").FillAsync("2026-01-01");
        await scripted.Locator("#until").FillAsync("2026-12-31");
        await scripted.GetByRole(AriaRole.Button, new() { Name = "Make the file" }).ClickAsync();
        var link = scripted.GetByRole(AriaRole.Link, new() { Name = "Download Sites" });
        await Assertions.Expect(link).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(scripted);
        var file = await (await scripted.Context.APIRequest.GetAsync((await link.GetAttributeAsync("href"))!)).TextAsync();
        Assert.Contains("depot-1,Depot 1,", file, StringComparison.Ordinal);
        await scripted.SetViewportSizeAsync(360, 740);
        await Pages.FitAsync(scripted);
    }
}
