using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
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

    public static async Task<ServiceProcess> StartAsync(TestStore store, TestTokens tokens, string? crashAt, params string[] arguments)
    {
        var port = TestPorts.Next();
        var start = new ProcessStartInfo("dotnet", ["exec", PathOfService(), $"--urls=http://127.0.0.1:{port}", $"--Auth:TokensFile={tokens.File}", "--Logging:LogLevel:Default=Warning", .. store.Arguments, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["GS_CRASH_AT"] = crashAt ?? string.Empty;
        var http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator);
        var made = new ServiceProcess(Process.Start(start)!, http);
        await made.ReadyAsync();
        return made;
    }

    public Task<bool> DiesAsync() => Until.EndsAsync(process);

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
    private Task<bool> ReadyAsync() => Until.HoldsAsync(async () => process.HasExited || await IsReadyAsync(), over => over, () => Task.FromResult(LastWords));

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // Not listening yet.
        }
    }

    private static string PathOfService()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        return Path.Combine(RepositoryRoot.Path, "services", "Tariffs", "GridServices.Tariffs.Service", "bin", configuration, "net10.0", "GridServices.Tariffs.Service.dll");
    }
}
