using System.Collections.Concurrent;
using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Clients;

/// <summary>A program that prints what it obeys.</summary>
internal sealed class ClientProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly ConcurrentQueue<string> notices = new();

    public ClientProgram(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, said) => Keep(lines, said.Data);
        process.ErrorDataReceived += (_, said) => Keep(notices, said.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it said of limits, in order.</summary>
    public IReadOnlyList<string> Lines => [.. lines];

    /// <summary>What else it said.</summary>
    public IReadOnlyList<string> Notices => [.. notices];

    /// <summary>Waits until the last line is this one.</summary>
    public Task SaysAsync(string line) => Until.HoldsAsync(() => Lines is [.., var last] && last == line, () => Task.FromResult(string.Join(" | ", [.. Lines, .. Notices])));

    /// <summary>Kills it, as a power cut would.</summary>
    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> where, string? line)
    {
        if (line is not null)
        {
            where.Enqueue(line);
        }
    }
}
