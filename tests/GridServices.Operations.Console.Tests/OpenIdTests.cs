using GridServices.Operations.Access;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class OpenIdTests(Browser browser)
{
    [Fact]
    public async Task Whom_the_provider_knows_and_an_administrator_added_signs_in_and_stays_bound_to_the_subject()
    {
        await using var provider = await SmallProvider.StartAsync();
        await using var console = await StartAsync(provider);
        await console.AddUserAsync(UserRole.Viewer, "grace@example.com", withPassword: false);
        provider.Person = new ProviderPerson("s-1", "grace@example.com", EmailVerified: true);
        var page = await SignInAsync(console);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Your account");
        Assert.True(provider.PkceHeld);

        // Another address at the provider: the subject counts.
        provider.Person = new ProviderPerson("s-1", "grace.hopper@example.com", EmailVerified: true);
        page = await SignInAsync(console);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Your account");
    }

    [Fact]
    public async Task An_address_alone_takes_over_no_account()
    {
        await using var provider = await SmallProvider.StartAsync();
        await using var console = await StartAsync(provider);
        await console.AddUserAsync(UserRole.Admin, "ada@example.com");
        await console.AddUserAsync(UserRole.Admin, "bob@example.com", withPassword: false);
        foreach (var person in new[] { new ProviderPerson("s-2", "ada@example.com", EmailVerified: true), new ProviderPerson("s-3", "bob@example.com", EmailVerified: false), new ProviderPerson("s-4", "eve@example.com", EmailVerified: true) })
        {
            provider.Person = person;
            var page = await SignInAsync(console);
            await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("there is no account for you here");
        }
    }

    private Task<ConsoleService> StartAsync(SmallProvider provider) => ConsoleService.StartAsync(
        browser, null, $"--SignIn:OpenIdConnect:Authority={provider.Address.GetLeftPart(UriPartial.Authority)}", "--SignIn:OpenIdConnect:ClientId=console", "--SignIn:OpenIdConnect:ClientSecret=secret",
        "--SignIn:OpenIdConnect:Name=Example Corp", "--SignIn:OpenIdConnect:RequireHttps=false");

    private static async Task<IPage> SignInAsync(ConsoleService console)
    {
        var page = await console.BrowserAsync();
        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example Corp" }).ClickAsync();
        return page;
    }
}
