using System.Text;
using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;

namespace GridServices.OpenAdr.Service.Tests.Rig;

/// <summary>The simulated VTN in this process, driven by its control API over a real socket.</summary>
internal sealed class Vtn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private Vtn(WebApplication app)
    {
        _app = app;
        Port = new Uri(app.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal))).Port;
        HttpsUrl = app.Urls.FirstOrDefault(url => url.StartsWith("https:", StringComparison.Ordinal)) is { } https ? $"https://localhost:{new Uri(https).Port}/OpenADR2/Simple/2.0b" : null;
        _http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    public int Port { get; }

    /// <summary>Null: it was started without.</summary>
    public string? HttpsUrl { get; }

    public string Url => $"http://127.0.0.1:{Port}/OpenADR2/Simple/2.0b";

    public static async Task<Vtn> StartAsync(int port = 0, params string[] options)
    {
        var app = VtnApp.Build(["--http", $"127.0.0.1:{(port == 0 ? TestPorts.Next() : port)}", "--quiet", "--poll-freq", "PT0S", .. options]);
        await app.StartAsync();
        return new Vtn(app);
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null)
    {
        using var content = Json(body ?? new JsonObject());
        using var answer = await _http.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject();
    }

    public async Task PostRawAsync(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/xml");
        using var answer = await _http.PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<JsonArray> GetAsync(string path)
    {
        var node = JsonNode.Parse(await _http.GetStringAsync(path))!;
        return node as JsonArray ?? node.AsObject().First(m => m.Value is JsonArray).Value!.AsArray();
    }

    /// <summary>Issues a SIMPLE event.</summary>
    public Task<JsonNode> IssueAsync(string eventId, int level = 1, string start = "+PT2S", string duration = "PT10M", JsonObject? more = null)
    {
        var issued = new JsonObject
        {
            ["eventId"] = eventId,
            ["start"] = start,
            ["marketContext"] = "http://utility.example/dr",
            ["signals"] = new JsonArray(new JsonObject
            {
                ["name"] = "SIMPLE",
                ["type"] = "level",
                ["intervals"] = new JsonArray(new JsonObject { ["duration"] = duration, ["value"] = level }),
            }),
        };
        foreach (var (name, value) in more ?? [])
        {
            issued[name] = value?.DeepClone();
        }

        return PostAsync("/sim/events", issued);
    }

    public async Task<int> CountAsync(string message) => (await GetAsync($"/sim/messages?name={message}")).Count;

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
