using System.Security.Cryptography;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using IClock = NodaTime.IClock;

namespace GridServices.Operations.Console.Tests;

/// <summary>The real service on a free port with a store of its own, and people of every role.</summary>
internal sealed class ConsoleService : IAsyncDisposable
{
    internal const string Password = "correct horse battery";
    private static readonly Lazy<string> PasswordHash = new(() => Passwords.Hash(Password));

    private readonly ServiceApp _app;
    private readonly Browser _browser;

    private ConsoleService(ServiceApp app, Browser browser) => (_app, _browser) = (app, browser);

    internal Uri Address => _app.Address;

    /// <summary>The API, as an operator.</summary>
    internal HttpClient Client() => _app.Client(_app.Tokens.Operator);

    internal T Get<T>()
        where T : notnull => _app.App.Services.GetRequiredService<T>();

    // Nobody listens there: what is not named by a test is away, whatever else runs on this machine.
    private static readonly string[] Nowhere =
        ["--Hub:Url=http://127.0.0.1:9", "--Services:Timeout=00:01:00", .. new[] { "EnvelopeHub", "OpenAdr", "Ieee2030Dot5", "Tariffs", "FrequencyResponse" }.Select(name => $"--Services:{name}:Url=http://127.0.0.1:9")];

    internal static async Task<ConsoleService> StartAsync(Browser browser, IClock? clock = null, params string[] arguments) =>
        new(await ServiceApp.StartAsync(args => OperationsApp.Build(args, clock), null, [.. Nowhere, .. arguments]), browser);

    /// <summary>Adds a user of a role; the login is the role's word unless another is given.</summary>
    internal async Task<UserAccount> AddUserAsync(UserRole role, string? login = null, AccessScope? scope = null, bool withPassword = true)
    {
        var name = login ?? role.ToString().ToLowerInvariant();
        var actor = Actor.Job("default", "test");
        return await Get<OperationsStore>().WriteAsync(
            actor,
            async transaction =>
            {
                var stamp = new Stamp(transaction.Now, "test");
                var user = new UserAccount
                {
                    Id = EntityId.Create(transaction.Now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes)),
                    Tenant = "default",
                    Created = stamp,
                    Updated = stamp,
                    Version = 1,
                    Login = name,
                    Name = $"{role} Example",
                    Grants = [new AccessGrant(role, scope ?? AccessScope.Empty)],
                };
                Assert.True(await UserStore.AddAsync(transaction.Tx, user, withPassword ? PasswordHash.Value : null, null));
                return user;
            });
    }

    internal async Task<IPage> BrowserAsync(BrowserNewContextOptions? options = null)
    {
        var person = await _browser.PersonAsync(Address, options);
        var page = await person.NewPageAsync();
        page.SetDefaultTimeout(Browser.Patience);
        return page;
    }

    /// <summary>A browser whose person has signed in by the form.</summary>
    internal async Task<IPage> SignedInAsync(string login, BrowserNewContextOptions? options = null)
    {
        var page = await BrowserAsync(options);
        await page.GotoAsync("/sign-in");
        // By id: the person may have another language.
        await page.Locator("#login").FillAsync(login);
        await page.Locator("#password").FillAsync(Password);
        await page.Locator("main form button").ClickAsync();
        await page.ArrivesAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
        return page;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
