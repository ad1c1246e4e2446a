using GridServices.Testing;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>One Chromium for all tests of this program; each test has a context (cookies, storage) of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Milliseconds that a busy machine is given; it measures no speed.</summary>
    internal const float Patience = 180_000;
    private const string Program = "/usr/bin/chromium";
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            return;
        }

        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox"], Timeout = Patience });
    }

    /// <summary>A new person's browser.</summary>
    public async Task<IBrowserContext> PersonAsync(Uri console, BrowserNewContextOptions? options = null)
    {
        if (_browser is null)
        {
            SkipTest.Because($"{Program} is not installed");
        }

        options ??= new BrowserNewContextOptions();
        options.BaseURL = console.ToString();
        options.Locale ??= "en-GB";
        var person = await _browser!.NewContextAsync(options);

        // Of its API requests too, which know nothing of a page's.
        person.SetDefaultTimeout(Patience);
        return person;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }
}
