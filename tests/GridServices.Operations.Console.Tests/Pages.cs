using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>What every page must keep to.</summary>
internal static class Pages
{
    /// <summary>Nothing is wider than the window.</summary>
    internal static async Task FitAsync(IPage page)
    {
        var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(wide <= 0, $"{page.Url} is {wide} px wider than the window");
    }
}
