using GridServices.Operations.Access;
using GridServices.Operations.Service.SignIn;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;
using OtpNet;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class SignInTests(Browser browser)
{
    [Fact]
    public async Task The_first_administrator_is_made_with_the_setup_code_and_nobody_after()
    {
        await using var console = await ConsoleService.StartAsync(browser, null, "--SignIn:SetupCode=open sesame");
        var page = await console.BrowserAsync();
        await page.GotoAsync("/");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(console.Address, "/setup").ToString());
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Setup code").FillAsync("wrong");
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByLabel("login").FillAsync("ada@example.com");
        await page.GetByLabel("Password").FillAsync("short");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("2 fields");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Setup code").FillAsync("open sesame");
        await page.GetByLabel("Password").FillAsync(ConsoleService.Password);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Ada" })).ToBeVisibleAsync();
        var second = await console.BrowserAsync();
        await second.GotoAsync("/setup");
        await second.ArrivesAsync(url => url.EndsWith("/sign-in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_script_one_signs_in_comes_where_one_wanted_and_signs_out()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Viewer);
        var page = await console.BrowserAsync(new() { JavaScriptEnabled = false });
        await page.GotoAsync("/account");
        await page.GetByLabel("login").FillAsync("viewer");
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Login, password or code is wrong.");
        await page.GetByLabel("Password").FillAsync(ConsoleService.Password);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Your account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.ArrivesAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));
        await page.GotoAsync("/account");
        await Assertions.Expect(page.GetByLabel("Password")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_second_factor_is_set_up_from_the_page_and_asked_for_from_then_on()
    {
        // A code holds for a minute at most, and the browser may take longer.
        var clock = new FakeClock(SystemClock.Instance.GetCurrentInstant());
        await using var console = await ConsoleService.StartAsync(browser, clock);
        await console.AddUserAsync(UserRole.Viewer);
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up a second factor" }).ClickAsync();
        await Axe.NoViolationsAsync(page);
        var secret = await page.Locator("#totp-key").InnerTextAsync();
        var totp = new Totp(Base32Encoding.ToBytes(secret));
        var confirming = totp.ComputeTotp(clock.GetCurrentInstant().ToDateTimeUtc());
        await page.GetByLabel("Code from your authenticator").FillAsync(confirming);
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        await Assertions.Expect(page.GetByText("A code from your authenticator is asked for")).ToBeVisibleAsync();

        var outcome = console.Get<PasswordSignIn>();
        var ct = TestContext.Current.CancellationToken;
        Assert.IsType<SignInOutcome.CodeNeeded>(await outcome.TryAsync("viewer", ConsoleService.Password, null, ct));
        // The code that confirmed it is used up.
        Assert.IsType<SignInOutcome.Wrong>(await outcome.TryAsync("viewer", ConsoleService.Password, confirming, ct));
        var next = totp.ComputeTotp(clock.GetCurrentInstant().ToDateTimeUtc().AddSeconds(30));
        Assert.IsType<SignInOutcome.Good>(await outcome.TryAsync("viewer", ConsoleService.Password, next, ct));
    }

    [Fact]
    public async Task Wrong_passwords_lock_an_account_for_a_while_and_a_new_password_ends_other_sessions()
    {
        await using var console = await ConsoleService.StartAsync(browser, new FakeClock(SystemClock.Instance.GetCurrentInstant()));
        await console.AddUserAsync(UserRole.Viewer);
        var other = await console.SignedInAsync("viewer");
        var page = await console.SignedInAsync("viewer");
        await page.GotoAsync("/account");
        await page.GetByLabel("Present password").FillAsync(ConsoleService.Password);
        await page.GetByLabel("New password").FillAsync("another long password");
        await page.Locator("form", new() { Has = page.GetByLabel("New password") }).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("all other sessions are ended");
        await other.GotoAsync("/account");
        await other.ArrivesAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));

        var signIn = console.Get<PasswordSignIn>();
        for (var attempt = 1; attempt < PasswordSignIn.FreeAttempts; attempt++)
        {
            Assert.IsType<SignInOutcome.Wrong>(await signIn.TryAsync("viewer", ConsoleService.Password, null, TestContext.Current.CancellationToken));
        }

        Assert.IsType<SignInOutcome.Locked>(await signIn.TryAsync("viewer", ConsoleService.Password, null, TestContext.Current.CancellationToken));
        Assert.IsType<SignInOutcome.Locked>(await signIn.TryAsync("viewer", "another long password", null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_lock_doubles_and_never_exceeds_an_hour()
    {
        Assert.Null(PasswordSignIn.LockAfter(PasswordSignIn.FreeAttempts - 1));
        Assert.Equal(Duration.FromMinutes(1), PasswordSignIn.LockAfter(PasswordSignIn.FreeAttempts));
        Assert.Equal(Duration.FromMinutes(4), PasswordSignIn.LockAfter(PasswordSignIn.FreeAttempts + 2));
        Assert.Equal(Duration.FromHours(1), PasswordSignIn.LockAfter(1000));
    }
}
