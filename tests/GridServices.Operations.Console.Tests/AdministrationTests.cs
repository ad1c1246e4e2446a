using System.Text;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Storage;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class AdministrationTests(Browser browser)
{
    [Fact]
    public async Task An_administrator_adds_a_person_who_then_sees_only_what_the_scope_names()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SitesAsync(console, 2);
        var admin = await console.SignedInAsync("admin");
        await admin.GotoAsync("/settings");
        await Axe.NoViolationsAsync(admin);
        await admin.GetByRole(AriaRole.Link, new() { Name = "Add a user" }).ClickAsync();
        await Axe.NoViolationsAsync(admin);
        await admin.GetByLabel("login").FillAsync("Vera@Example.com");
        await admin.GetByLabel("Name", new() { Exact = true }).FillAsync("Vera");
        await admin.GetByLabel("Viewer").CheckAsync();
        await admin.GetByLabel("Site ids").FillAsync("depot-7");
        await admin.GetByLabel("Password").FillAsync(ConsoleService.Password);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(admin.GetByRole(AriaRole.Link, new() { Name = "vera@example.com" })).ToBeVisibleAsync();

        var vera = await console.SignedInAsync("vera@example.com");
        await vera.GotoAsync("/sites");
        await Assertions.Expect(vera.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Equal(404, (await vera.GotoAsync("/sites/depot-0"))!.Status);
        Assert.Equal(403, (await vera.GotoAsync("/settings"))!.Status);
        await Axe.NoViolationsAsync(vera);
    }

    [Fact]
    public async Task The_audit_tells_who_did_what_and_its_chain_can_be_verified()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/audit");
        await Assertions.Expect(page.GetByText("site.created")).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify the whole chain" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The chain is sound");
        await page.GotoAsync("/certificates");
        await Axe.NoViolationsAsync(page);
    }

    [Fact]
    public async Task A_bulk_file_is_checked_first_each_bad_row_is_named_and_the_good_ones_are_applied_by_a_click()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Enroller);
        var page = await console.SignedInAsync("enroller");
        await page.GotoAsync("/imports");
        await Axe.NoViolationsAsync(page);
        const string file = "site_id,customer_name,site_name,address1,city,region,postcode,country,time_zone,import_max_kw,export_max_kw,phases,tags\n"
            + "depot-a,Acme,Depot A,1 Main St,Oakland,CA,94607,US,America/Los_Angeles,60,0,3,fleet\n"
            + "depot-b,Acme,Depot B,1 Main St,Oakland,CA,94607,US,Mars/Olympus,60,0,3,fleet\n";
        await page.GetByLabel("What the file holds").SelectOptionAsync("sites");
        await page.GetByLabel("CSV file").SetInputFilesAsync(new FilePayload { Name = "sites.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(file) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Check the file" }).ClickAsync();
        await Assertions.Expect(page.GetByText("line 3, time_zone")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#rows")).ToContainTextAsync("1 with errors");
        Assert.Empty((await console.Get<SiteStore>().PageAsync("default", new ListQuery(10), TestContext.Current.CancellationToken)).Items);
        await page.GotoAsync("/imports");
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply the 1 good rows" }).ClickAsync();
        await Assertions.Expect(page.Locator("#rows")).ToContainTextAsync("1 applied");
        await Axe.NoViolationsAsync(page);
        Assert.NotNull(await console.Get<SiteStore>().FindBySiteIdAsync("default", "depot-a", TestContext.Current.CancellationToken));
    }
}
