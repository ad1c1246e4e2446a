using GridServices.Operations.Access;
using GridServices.Operations.Service.Console;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.SignIn;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;
using OtpNet;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class AccountTests(Browser browser)
{
    [Fact]
    public async Task A_recovery_code_signs_in_once_in_place_of_the_authenticator()
    {
        // A code holds for a minute at most, and the browser may take longer.
        var clock = new FakeClock(SystemClock.Instance.GetCurrentInstant());
        await using var console = await ConsoleService.StartAsync(browser, clock);
        await console.AddUserAsync(UserRole.Viewer);
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        var secret = await page.Locator("#totp-key").InnerTextAsync();
        await page.Locator("#digits").FillAsync(new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(clock.GetCurrentInstant().ToDateTimeUtc()));
        await page.Locator("form[action*=Confirm] button").ClickAsync();
        var codes = (await page.Locator("#codes").InnerTextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());
        await Axe.NoViolationsAsync(page);
        Assert.True(await TryAsync(console, codes[0]));
        Assert.False(await TryAsync(console, codes[0]));
        await page.GotoAsync("/account");
        await Assertions.Expect(page.GetByText("9 recovery codes are left")).ToBeVisibleAsync();
        Assert.DoesNotContain(codes[1], await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calendar_feed_shows_the_persons_events_until_it_is_revoked()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer, scope: new AccessScope { Sites = ["depot-0"] });
        await Samples.SitesAsync(console, 2);
        await Samples.EventAsync(console, SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(1), Duration.FromHours(2), "depot-0", "depot-7");
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make an address" }).ClickAsync();
        var path = new Uri(await page.Locator("#feed").InnerTextAsync()).PathAndQuery;
        await Axe.NoViolationsAsync(page);
        using var program = new HttpClient { BaseAddress = console.Address };
        var calendar = (await program.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).Replace("\r\n ", string.Empty, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:OPENADR-PLAIN", calendar, StringComparison.Ordinal);
        Assert.Contains("depot-0", calendar, StringComparison.Ordinal);
        Assert.DoesNotContain("depot-7", calendar, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke the address" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        using var gone = await program.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Raw_messages_that_can_not_be_read_break_no_page_and_are_for_those_who_see_records()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Dispatcher);
        await console.AddUserAsync(UserRole.Viewer);
        await Samples.SitesAsync(console, 1);
        var enrollment = await Samples.EnrollmentAsync(console, "depot-0");
        var page = await console.SignedInAsync("dispatcher");
        await page.GotoAsync($"/enrollments/{enrollment.Id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Raw messages" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No message was exchanged")).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(page);
        var viewer = await console.SignedInAsync("viewer");
        Assert.Equal(403, (await viewer.GotoAsync($"/enrollments/{enrollment.Id}/messages"))!.Status);
    }

    [Theory]
    [InlineData("de", "must be 1 to 100 characters, without control characters", "muss 1 bis 100 Zeichen haben, ohne Steuerzeichen")]
    [InlineData("fr", "an NMI has 10 characters, or 11 with its check digit; this has 9", "un NMI a 10 caractères, ou 11 avec son chiffre de contrôle ; celui-ci en a 9")]
    [InlineData("de", "something nobody has translated", "something nobody has translated")]
    [InlineData("en", "must be volts above 0", "must be volts above 0")]
    public void Faults_of_forms_are_told_in_the_readers_language(string language, string detail, string told) => Assert.Equal(told, FaultText.Translate(new TextSet(Language.Find(language)!), detail));

    private static async Task<bool> TryAsync(ConsoleService console, string code) =>
        await console.Get<PasswordSignIn>().TryAsync("viewer", ConsoleService.Password, code, TestContext.Current.CancellationToken) is SignInOutcome.Good { Method: "password+recovery" };
}
