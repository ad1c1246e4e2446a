using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace GridServices.Benchmarks.HubLoad;

/// <summary>The hub as a process of its own, on a free loopback port, with a store of its own.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private HubProcess(Process process, DirectoryInfo folder, int port)
    {
        _process = process;
        _folder = folder;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public const string Token = "load-driver";

    public IPEndPoint EndPoint { get; }

    /// <summary>CPU time the hub has used: tells what a figure costs also on a machine that is busy with other things.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double ResidentMiB => ProcessMemory.Family(_process.Id)[0].Kib / 1024.0;

    public static async Task<HubProcess> StartAsync(IReadOnlyList<string> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("gridservices-hub-load-");
        var tokens = Path.Combine(folder.FullName, "tokens.json");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token)));
        await File.WriteAllTextAsync(tokens, $$"""{"tokens":[{"id":"load","sha256":"{{hash}}","tenant":"default","role":"operator"}]}""");
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                "exec", BuiltPrograms.Path("services/EnvelopeHub/GridServices.EnvelopeHub.Service"), $"--urls=http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}",
                $"--Auth:TokensFile={tokens}", $"--Storage:Path={folder.FullName}", "--Logging:LogLevel:Default=Warning", .. arguments,
            ]))!;
        var hub = new HubProcess(process, folder, port);
        await hub.UntilReadyAsync();
        return hub;
    }

    /// <summary>The value of a line of the hub's own metrics, by its beginning.</summary>
    public async Task<IReadOnlyList<string>> MetricsAsync(string prefix)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{EndPoint}") };
        return [.. (await client.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private async Task UntilReadyAsync()
    {
        using var client = new HttpClient();
        for (var tries = 0; tries < 300; tries++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://{EndPoint}/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The hub was not ready within 30 s.");
    }
}
