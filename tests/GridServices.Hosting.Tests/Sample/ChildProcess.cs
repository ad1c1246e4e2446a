using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Sample;

/// <summary>This test executable once more, as a service of its own.</summary>
internal static class ChildProcess
{
    internal sealed record Ended(int ExitCode, string Output, string Errors);

    internal static Task<Ended> RunAsync(IEnumerable<string> args, params (string Name, string Value)[] environment) =>
        EndAsync(Start(args, environment));

    /// <summary>A copy of this executable in another folder.</summary>
    internal static Task<Ended> RunInAsync(string folder, IEnumerable<string> args) => EndAsync(Start(folder, args));

    private static async Task<Ended> EndAsync(Process started)
    {
        using var process = started;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = Until.Deadline();
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"The child did not end within {Until.Ceiling.TotalSeconds} s: {await output} {await errors}");
        }

        return new Ended(process.ExitCode, await output, await errors);
    }

    internal static Process Start(IEnumerable<string> args, params (string Name, string Value)[] environment) =>
        Start(AppContext.BaseDirectory, args, environment);

    private static Process Start(string folder, IEnumerable<string> args, params (string Name, string Value)[] environment)
    {
        var program = typeof(ChildProcess).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : null);
        var start = new ProcessStartInfo(Path.Combine(folder, program))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Arguments of a service on a place, with tokens, on a free port.</summary>
    internal static IEnumerable<string> Arguments(string kind, TestStore store, params string[] more) =>
        [kind, "--urls=http://127.0.0.1:0", $"--Auth:TokensFile={new TestTokens(store.Folder).File}", .. store.Arguments, .. more];
}
