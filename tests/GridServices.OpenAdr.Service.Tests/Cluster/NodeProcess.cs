using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Cluster;

/// <summary>A node of the service's cluster as a process of its own, to be killed, stopped and asked.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _lines = new();

    private NodeProcess(Process process, string name, int port, string token)
    {
        (_process, Name) = (process, name);
        _http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    public string Log => string.Join('\n', _lines);

    public static NodeProcess Start(string name, TestTokens tokens, IEnumerable<string> arguments)
    {
        var port = TestPorts.Next();
        var start = OwnSession.Start(
            "dotnet", ["exec", PathOfService(), $"--urls=http://127.0.0.1:{port}", $"--Cluster:Name={name}", $"--Auth:TokensFile={tokens.File}", "--Logging:LogLevel:Orleans=Warning", .. arguments]);
        return new NodeProcess(Process.Start(start)!, name, port, tokens.Operator);
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task EndsAsync() => Assert.True(await Until.EndsAsync(_process), Log);

    /// <summary>Asks until the answer is other than 503: refusals while work moves are asked again, as a client does.</summary>
    public Task<(HttpStatusCode Status, JsonNode? Body)> AskAsync(HttpMethod method, string path, JsonNode? body = null) => Until.HoldsAsync<(HttpStatusCode Status, JsonNode? Body)>(
        () => TryAsync(method, path, body),
        answer => answer.Status != HttpStatusCode.ServiceUnavailable,
        () => Task.FromResult(Log));

    /// <summary>Asks until it is answered 200 and that holds.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> holds) => (await Until.HoldsAsync<(HttpStatusCode Status, JsonNode? Body)>(
        () => TryAsync(HttpMethod.Get, path, null),
        answer => answer is { Status: HttpStatusCode.OK, Body: { } body } && holds(body),
        () => Task.FromResult(Log))).Body!;

    public Task IsReadyAsync() => UntilAsync("/v1/cluster", cluster => cluster["nodes"]!.AsArray().Any(node => node!["name"]!.GetValue<string>() == Name && node["alive"]!.GetValue<bool>()));

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

    /// <summary>503 as well where nobody is there, or a node that hangs or begins anew answers nothing.</summary>
    private async Task<(HttpStatusCode Status, JsonNode? Body)> TryAsync(HttpMethod method, string path, JsonNode? body)
    {
        try
        {
            return await SendAsync(method, path, body);
        }
        catch (Exception down) when (down is HttpRequestException or OperationCanceledException)
        {
            return (HttpStatusCode.ServiceUnavailable, JsonValue.Create(down.Message));
        }
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    private static string PathOfService()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        return Path.Combine(RepositoryFiles.Root, "services", "OpenAdr", "GridServices.OpenAdr.Service", "bin", configuration, "net10.0", "GridServices.OpenAdr.Service.dll");
    }
}
