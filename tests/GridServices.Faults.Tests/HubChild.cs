using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using GridServices.Testing;

namespace GridServices.Faults.Tests;

/// <summary>The hub as a process on one port and one store, over any number of deaths.</summary>
internal sealed class HubChild(TestStore store, TestTokens tokens, IReadOnlyList<string> arguments) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    public Uri Url { get; } = new($"http://127.0.0.1:{TestPorts.Next()}");

    public HttpClient Client(string token)
    {
        var client = new HttpClient(TestConnections.Create()) { BaseAddress = Url, Timeout = Until.Ceiling };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <returns>From the start of the process to its first answer.</returns>
    public async Task<TimeSpan> StartAsync()
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "GridServices.EnvelopeHub.Service.dll"), $"--urls={Url}", $"--Auth:TokensFile={tokens.File}",
                "--EnvelopeHub:SettleTime=00:00:00", "--Logging:LogLevel:Default=Warning", .. store.Arguments, .. arguments,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = Client(tokens.Operator);
        await Until.HoldsAsync(() => IsReadyAsync(client), ready => ready, LastWords);
        return clock.Elapsed;
    }

    /// <summary>Sends a signal and waits for its end.</summary>
    /// <returns>The exit code, and how long the end took.</returns>
    public async Task<(int ExitCode, TimeSpan Took)> EndAsync(string signal)
    {
        var clock = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        Assert.True(await Until.EndsAsync(_process), await LastWords());
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return (code, clock.Elapsed);
    }

    public Task<string> LastWords() => Task.FromResult(string.Join('\n', _lines.TakeLast(20)));

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await EndAsync("KILL");
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
