using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Rig;

/// <summary>The service as a process of its own, to be killed, or to live under another OpenSSL configuration.</summary>
internal sealed class ChildService : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _lines = new();

    private ChildService(Process process, string url, string token)
    {
        _process = process;
        _http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri(url), Timeout = Until.Ceiling };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it said last.</summary>
    public string LastWords => string.Join('\n', _lines.TakeLast(15));

    public static ChildService Start(TestStore store, TestTokens tokens, IReadOnlyDictionary<string, string>? environment = null, params string[] arguments)
    {
        var url = $"http://127.0.0.1:{TestPorts.Next()}";
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Ieee2030Dot5App).Assembly.Location, $"--urls={url}", $"--Auth:TokensFile={tokens.File}", .. store.Arguments, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return new ChildService(Process.Start(start)!, url, tokens.Operator);
    }

    /// <summary>Null while it can't be reached.</summary>
    public async Task<JsonNode?> GetAsync(string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Puts until it is taken.</summary>
    public async Task PutAsync(string path, JsonNode body)
    {
        await ServiceRig.UntilAsync(async () => await GetAsync("/v1/clients"), c => c is not null);
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri(path, UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<bool> DiesAsync() => Until.EndsAsync(_process);

    /// <summary>SIGKILL.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
    }
}
