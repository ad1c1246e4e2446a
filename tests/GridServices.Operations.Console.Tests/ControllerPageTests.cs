using GridServices.Operations.Access;
using GridServices.Testing;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class ControllerPageTests(Browser browser)
{
    [Fact]
    public async Task A_token_is_shown_once_with_its_QR_code_and_can_be_revoked()
    {
        await using var place = TestStores.Create(Hosting.Storage.Dialect.Sqlite);
        await using var console = await ConsoleService.StartAsync(browser, null, $"--Controllers:TokensFile={Path.Combine(place.Folder, "controllers.json")}");
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SitesAsync(console, 1);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/controllers");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Depot 0" }).ClickAsync();
        await page.GetByLabel("Name of the token").FillAsync("Cabinet");
        await page.GetByRole(AriaRole.Button, new() { Name = "Issue the token" }).ClickAsync();
        var token = await page.Locator("#token").InnerTextAsync();
        Assert.True(token.Length >= 43);
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "The token as a QR code" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("curl")).ToContainTextAsync(token);
        await Axe.NoViolationsAsync(page);

        await page.GotoAsync("/controllers/depot-0");
        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke Cabinet" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("It is revoked");
        await page.SetViewportSizeAsync(360, 740);
        await Pages.FitAsync(page);
    }

    [Fact]
    public async Task Where_tokens_can_not_reach_the_hub_the_page_says_which_settings_are_missing()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SitesAsync(console, 1);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/controllers/depot-0");
        await Assertions.Expect(page.GetByText("Auth:ControllerTokensFile")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Name of the token")).ToHaveCountAsync(0);
        await Axe.NoViolationsAsync(page);
    }
}
