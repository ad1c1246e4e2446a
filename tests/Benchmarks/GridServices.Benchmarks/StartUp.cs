using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Benchmarks;

/// <summary>Starts the launcher in an empty folder, several times; reports time to ready and resident memory after 20 s of quiet.</summary>
internal static partial class StartUp
{
    public static async Task<int> RunAsync(string[] args)
    {
        var runs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        for (var run = 1; run <= runs; run++)
        {
            await MeasureAsync(run);
        }

        Console.WriteLine("Bars: ready <= 5 s; all services together <= 400 MB.");
        return 0;
    }

    private static async Task MeasureAsync(int run)
    {
        var folder = Directory.CreateTempSubdirectory("gridservices-start-up-");
        using var launcher = Process.Start(new ProcessStartInfo("dotnet", ["exec", BuiltPrograms.Path("deploy/Local/GridServices.Local"), "--data", folder.FullName, "--ports", "47100"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var clock = Stopwatch.StartNew();
        while (await launcher.StandardOutput.ReadLineAsync() is { } line && !Ready().IsMatch(line))
        {
        }

        var ready = clock.Elapsed;
        var draining = launcher.StandardOutput.ReadToEndAsync();
        await Task.Delay(TimeSpan.FromSeconds(20));
        foreach (var (name, kib, pss) in ProcessMemory.Family(launcher.Id))
        {
            Console.WriteLine($"run {run}: {name,-44} {kib / 1024.0,7:0.0} MiB resident {pss / 1024.0,7:0.0} MiB proportional");
        }

        var all = ProcessMemory.Family(launcher.Id);
        Console.WriteLine($"run {run}: ready after {ready.TotalSeconds:0.00} s; {all.Sum(p => p.Kib) / 1024.0:0} MiB resident, {all.Sum(p => p.PssKib) / 1024.0:0} MiB proportional");
        using (var kill = Process.Start("kill", ["-TERM", launcher.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await launcher.WaitForExitAsync();
        await draining;
        folder.Delete(recursive: true);
    }

    [GeneratedRegex("^GridServices runs", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ready();
}
