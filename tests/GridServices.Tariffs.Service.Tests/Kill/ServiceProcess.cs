using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Kill;

/// <summary>The service as a process of its own, to be killed.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private ServiceProcess(Process process, HttpClient http)
    {
        (this.process, Http) = (process, http);
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public string LastWords => string.Join('\n', lines.TakeLast(10));

    public static async Task<ServiceProcess> StartAsync(TestStore place, TestTokens tokens, string? crashAt, params string[] arguments)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", ["exec", PathOfService(), $"--urls=http://127.0.0.1:{port}", $"--Auth:TokensFile={tokens.File}", "--Logging:LogLevel:Default=Warning", .. place.Arguments, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["GS_CRASH_AT"] = crashAt ?? string.Empty;
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator);
        var made = new ServiceProcess(Process.Start(start)!, http);
        await made.ReadyAsync();
        return made;
    }

    public async Task<bool> DiesAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.HasExited;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Http.Dispose();
    }

    /// <summary>Ready, or already dead where it was told to die early.</summary>
    private async Task ReadyAsync()
    {
        for (var i = 0; i < 1200 && !process.HasExited; i++)
        {
            try
            {
                using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string PathOfService()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        return Path.Combine(RepositoryRoot.Path, "services", "Tariffs", "GridServices.Tariffs.Service", "bin", configuration, "net10.0", "GridServices.Tariffs.Service.dll");
    }
}
