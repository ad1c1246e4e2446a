using GridServices.Testing;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>Where a browser has got to.</summary>
internal static class Arrival
{
    /// <summary>Waits for the address alone: Playwright's own wait goes on to wait for the page's load event, which may have come before it looks, and never comes again.</summary>
    public static Task ArrivesAsync(this IPage page, Func<string, bool> isThere) => Until.HoldsAsync(() => isThere(page.Url), () => Task.FromResult($"The browser is at {page.Url}."));
}
