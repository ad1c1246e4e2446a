using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class SettingsPageTests(Browser browser)
{
    [Fact]
    public async Task Rules_are_saved_and_what_is_out_of_bounds_comes_to_its_field()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/settings/rules");
        await page.GetByLabel("need a second person", new() { Exact = false }).First.CheckAsync();
        await page.GetByLabel("Time to acknowledge an event").FillAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("must be 1 to 1440");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Time to acknowledge an event").FillAsync("20");
        await page.GetByLabel("Daily digest at").FillAsync("07:30");
        await page.Locator("#reason-Schedule").UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        var held = await console.Get<SettingsStore>().GetAsync("default", TestContext.Current.CancellationToken);
        Assert.Equal((true, 20, new LocalTime(7, 30)), (held.TwoPerson.Enabled, held.AcknowledgeMinutes, held.DigestAt!.Value));
        Assert.DoesNotContain(OptReason.Schedule, held.OptReasons);
        await page.GotoAsync("/audit");
        await Assertions.Expect(page.GetByText("settings.changed")).ToBeVisibleAsync();

        // Sites that are there already get, and lose, the limit of their connection with the setting.
        await Samples.SiteAsync(console);
        await page.GotoAsync("/settings");
        foreach (var isPublished in new[] { false, true, false })
        {
            await page.Locator("#publish").SetCheckedAsync(isPublished);
            await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
            await Until.HoldsAsync(async () => (await console.Get<SettingsStore>().GetAsync("default", TestContext.Current.CancellationToken)).PublishConnectionLimit, held => held == isPublished);
            Assert.Equal(isPublished ? 1 : 0, await PublishedAsync(console));
            await page.GotoAsync("/settings");
        }
    }

    [Fact]
    public async Task A_webhooks_secret_is_shown_once_and_a_test_that_was_not_taken_can_be_sent_again()
    {
        await using var console = await ConsoleService.StartAsync(browser, null, "--Notify:Webhooks:AllowedNetworks=127.0.0.0/8");
        await console.AddUserAsync(UserRole.Admin);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/settings/webhooks");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Address").FillAsync("http://example.com/hook");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the webhook" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("https");
        await page.GetByLabel("Address").FillAsync("http://127.0.0.1:9/hook");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the webhook" }).ClickAsync();
        var secret = await page.Locator("#secret").InnerTextAsync();
        await Axe.NoViolationsAsync(page);
        await page.GotoAsync("/settings/webhooks");
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test to" }).ClickAsync();
        await page.ArrivesAsync(url => url.Contains("/settings/webhooks/", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await console.Get<GridServices.Operations.Service.Notify.NotificationJob>().RunAsync(TestContext.Current.CancellationToken);
        await page.ReloadAsync();
        await Axe.NoViolationsAsync(page);
        await page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Send " }).First.ClickAsync(), answer => answer.Request.Method == "POST");
        await page.GotoAsync("/settings/messages");
        await Axe.NoViolationsAsync(page);
        await page.GotoAsync("/audit");
        await Assertions.Expect(page.GetByText("webhook.replayed")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_program_of_ones_own_is_checked_and_a_held_version_is_never_changed()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/settings/programs");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "OPENADR-PLAIN" }).ClickAsync();
        await Axe.NoViolationsAsync(page);
        var text = await page.GetByLabel("Template as JSON").InputValueAsync();
        var changed = text.Replace("\"name\":", "\"nmae\":", StringComparison.Ordinal);
        await page.GetByLabel("Template as JSON").FillAsync(changed);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check and upload" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nmae");
        var template = TemplateCatalog.Find("OPENADR-PLAIN")!;
        await page.GetByLabel("Template as JSON").FillAsync(System.Text.Encoding.UTF8.GetString(TemplateReader.Write(template with { Name = "Ours" })));
        await page.GetByRole(AriaRole.Button, new() { Name = "Check and upload" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("other content");
        await page.GetByLabel("Template as JSON").FillAsync(System.Text.Encoding.UTF8.GetString(TemplateReader.Write(template with { Name = "Ours", Version = template.Version + 1 })));
        await page.GetByRole(AriaRole.Button, new() { Name = "Check and upload" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        Assert.Equal("Ours", (await console.Get<ProgramStore>().FindAsync("default", "OPENADR-PLAIN", ct: TestContext.Current.CancellationToken))!.Name);
    }

    private static Task<long> PublishedAsync(ConsoleService console) =>
        console.Get<Store>().ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM connection_limits WHERE content IS NOT NULL"), TestContext.Current.CancellationToken);
}
