using GridServices.Operations.Access;
using GridServices.Operations.Service.Storage;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class EnrollTests(Browser browser)
{
    [Fact]
    public async Task A_site_is_enrolled_in_a_plain_OpenADR_program_by_keyboard_and_each_step_is_saved()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        await Samples.MeterAsync(console, "depot-1");
        var page = await console.SignedInAsync("admin");
        await page.GotoAsync("/enroll?site=depot-1");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "enroll-programs");
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Enroll in OPENADR-PLAIN" }));
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Depot 1").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Next" }));

        await Assertions.Expect(page.GetByLabel("4711-depot-1")).ToBeCheckedAsync();
        await Axe.NoViolationsAsync(page);
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }));
        await Axe.NoViolationsAsync(page);
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }));
        await page.GetByLabel("VTN URL").FillAsync("https://dr.utility.example/OpenADR2/Simple/2.0b");
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Make a key and a request" }));
        await Assertions.Expect(page.GetByText("BEGIN CERTIFICATE REQUEST")).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(page);
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Save and leave" }));

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What is still open" })).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(page);
        var saved = Assert.Single(await console.Get<EnrollmentStore>().ListBySiteAsync("default", "depot-1", TestContext.Current.CancellationToken));
        Assert.Equal("https://dr.utility.example/OpenADR2/Simple/2.0b", saved.Identity.VtnUrl);
        Assert.NotNull(saved.Identity.CertificateId);
        Assert.Single(saved.MeterPointIds);
        await page.GotoAsync("/enrollments");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "OPENADR-PLAIN" })).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(page);
    }

    [Fact]
    public async Task Without_script_faults_come_to_their_fields_and_a_foreign_decimal_sign_is_refused()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Enroller);
        await Samples.SiteAsync(console);
        var page = await console.SignedInAsync("enroller", new() { JavaScriptEnabled = false, Locale = "de-DE" });
        await page.GotoAsync("/enroll?program=PGE-ELRP-A2&site=depot-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Weiter" }).ClickAsync();
        await page.ArrivesAsync(url => url.Contains("/meters", StringComparison.Ordinal));
        await page.GotoAsync(page.Url.Replace("/meters", "/details", StringComparison.Ordinal));
        var offered = page.GetByLabel("Angebot für").First;
        await offered.FillAsync("1.234");
        await page.GetByRole(AriaRole.Button, new() { Name = "Speichern und weiter" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("etwa 12,5");
        await Assertions.Expect(offered).ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    public async Task The_same_address_answers_JSON_without_what_is_secret()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SiteAsync(console);
        var enrollment = await Samples.EnrollmentAsync(console, "depot-1");
        var page = await console.SignedInAsync("viewer");
        var answer = await page.Context.APIRequest.GetAsync($"/enrollments/{enrollment.Id}", new() { Headers = [new("Accept", "application/json")] });
        Assert.Equal("application/json", answer.Headers["content-type"]);
        var json = await answer.TextAsync();
        Assert.Contains("\"IEEE2030-5-PLAIN\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("111115", json, StringComparison.Ordinal);
    }

    private static async Task PressAsync(ILocator control)
    {
        await control.FocusAsync();
        await control.PressAsync("Enter");
    }
}
