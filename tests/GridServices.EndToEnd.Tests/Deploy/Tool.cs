using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>What a program said, and how it ended.</summary>
internal sealed record Said(int Code, string Text);

/// <summary>Programs of the system, from Debian packages.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end; without it on this machine the test is skipped, in continuous integration it fails.</summary>
    public static async Task<Said> RunAsync(string package, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (Find(program) is not { } path)
        {
            SkipTest.Because($"{program} is missing: install the package {package}");
            throw new InvalidOperationException("not reached");
        }

        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = Until.Deadline();
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return new Said(process.ExitCode, await output + await errors);
    }

    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':')
        .Concat(["/usr/bin", "/usr/sbin", "/usr/lib/systemd"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
