using System.Diagnostics;
using System.Text.Json;
using GridServices.Testing;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

/// <summary>axe-core judges a page: WCAG 2.2 A and AA and its best practices, without exception.</summary>
internal static class Axe
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "tests", "GridServices.Operations.Console.Tests");
    private static readonly Lazy<string> Script = new(Read);

    /// <summary>Fails with every violation, its rule and the elements. The page must be one whose scripts run: axe waits by timers.</summary>
    internal static async Task NoViolationsAsync(IPage page)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await TryAsync(page, isLast: Stopwatch.GetElapsedTime(begin) > Until.Ceiling))
        {
        }
    }

    /// <returns>False: meanwhile the page was left for another one, as after a click whose form was sent late.</returns>
    private static async Task<bool> TryAsync(IPage page, bool isLast)
    {
        try
        {
            await JudgeAsync(page);
            return true;
        }
        catch (PlaywrightException left) when (!isLast
            && (left.Message.Contains("context was destroyed", StringComparison.Ordinal) || left.Message.Contains("axe is not defined", StringComparison.Ordinal)))
        {
            return false;
        }
    }

    private static async Task JudgeAsync(IPage page)
    {
        // A click waits for the answer's begin; of half a page axe would say that its heading is missing.
        await Until.HoldsAsync(() => page.EvaluateAsync<string>("document.readyState"), state => state == "complete").WaitAsync(Until.Ceiling);

        // Evaluated through the debugger, which the page's policy does not concern.
        await page.EvaluateAsync(Script.Value + "; undefined").WaitAsync(Until.Ceiling);
        var json = await page.EvaluateAsync<string>("() => axe.run(document).then(r => JSON.stringify(r.violations.map(v => [v.id, v.help, v.nodes.map(n => n.html + ' ' + (n.failureSummary || ''))])))").WaitAsync(Until.Ceiling);
        using var found = JsonDocument.Parse(json);
        Assert.True(found.RootElement.GetArrayLength() == 0, $"{page.Url}\n{string.Join("\n", found.RootElement.EnumerateArray())}");
    }

    private static string Read()
    {
        var file = Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(file))
        {
            Install();
        }

        return File.ReadAllText(file);
    }

    private static void Install()
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", "ci --no-audit --no-fund --silent") { WorkingDirectory = Folder })!;
            npm.WaitForExit();
            Assert.Equal(0, npm.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            SkipTest.Because("npm is not installed, which axe-core is had with");
        }
    }
}
