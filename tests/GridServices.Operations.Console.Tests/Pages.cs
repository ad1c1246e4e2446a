using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>What every page must keep to.</summary>
internal static class Pages
{
    /// <summary>A picture for the documentation, where <c>GRIDSERVICES_SCREENSHOTS</c> names a folder; else nothing.</summary>
    internal static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("GRIDSERVICES_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    /// <summary>Nothing is wider than the window.</summary>
    internal static async Task FitAsync(IPage page)
    {
        var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(wide <= 0, $"{page.Url} is {wide} px wider than the window");
    }
}
