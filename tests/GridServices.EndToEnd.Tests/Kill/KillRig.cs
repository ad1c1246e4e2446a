using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.EndToEnd.Tests.Kill;

/// <summary>Hub, OpenAdr service and simulated VTN as processes on one data folder, to be killed one by one.</summary>
internal sealed class KillRig : IAsyncDisposable
{
    private const string Site = "site-1";
    private readonly BackedUpStore _hubStore;
    private readonly TestStore _venStore;
    private readonly TestTokens _tokens;
    private readonly HttpClient _http = new(TestConnections.Create()) { Timeout = Until.Ceiling };
    private readonly int _hubPort = TestPorts.Next();
    private readonly int _venPort = TestPorts.Next();
    private readonly int _vtnPort = TestPorts.Next();
    private readonly Instant _firstStart = SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(2);
    private ChildProgram? _hub;
    private ChildProgram? _vtn;
    private SiteHistory? _history;

    public KillRig(Dialect dialect = Dialect.Sqlite)
    {
        _hubStore = new BackedUpStore(TestStores.Create(dialect), "envelope-hub");
        _venStore = TestStores.Create(dialect);
        _tokens = new TestTokens(_venStore.Folder);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Operator);
    }

    public ChildProgram? Ven { get; private set; }

    public SiteHistory History => _history!;

    public async Task StartAsync()
    {
        _vtn = ChildProgram.Start("tests/Simulators/GridServices.Simulators.Vtn", null, "--http", $"127.0.0.1:{_vtnPort}", "--quiet", "--poll-freq", "PT0S");
        await StartHubAsync();
        _history = new SiteHistory(new Uri($"http://127.0.0.1:{_hubPort}"), _tokens.Controller, Site);
        await StartVenAsync(null);
        await ReadyAsync(_venPort, Ven!);
        await EnrollAsync();
        await Ven!.KillAsync();
    }

    public async Task StartHubAsync()
    {
        _hub = ChildProgram.Start("services/EnvelopeHub/GridServices.EnvelopeHub.Service", null, Common(_hubPort, _hubStore.Place));
        await ReadyAsync(_hubPort, _hub);
    }

    /// <summary>Starts the hub, which is to die at this step of its start.</summary>
    public async Task StartHubToDieAsync(string crashAt)
    {
        _hub = ChildProgram.Start("services/EnvelopeHub/GridServices.EnvelopeHub.Service", crashAt, Common(_hubPort, _hubStore.Place));
        Assert.True(await _hub.DiesAsync(), $"{crashAt} was not reached: {_hub.LastWords}");
        await _hub.DisposeAsync();
    }

    /// <summary>The hub is down: its store goes, its marker stays.</summary>
    public Task LoseHubStoreAsync() => _hubStore.LoseAsync();

    public async Task<JsonNode> SiteAsync() => await GetAsync(_hubPort, $"/v1/sites/{Site}/envelopes");

    public async Task KillHubAsync()
    {
        await _hub!.KillAsync();
        await _hub.DisposeAsync();
    }

    public async Task StartVenAsync(string? crashAt)
    {
        if (Ven is not null)
        {
            await Ven.DisposeAsync();
        }

        Ven = ChildProgram.Start(
            "services/OpenAdr/GridServices.OpenAdr.Service",
            crashAt,
            [.. Common(_venPort, _venStore), $"--Hub:Url=http://127.0.0.1:{_hubPort}", $"--Hub:Token={_tokens.Publisher}", "--Journal:WriteSeconds=0.5"]);
    }

    public Task VenReadyAsync() => ReadyAsync(_venPort, Ven!);

    /// <summary>Events lie behind one another, each with a start to be drawn from 30 s.</summary>
    public Task IssueAsync(int number) => PostAsync(_vtnPort, "/sim/events", new JsonObject
    {
        ["eventId"] = $"e{number}",
        ["start"] = InstantPattern.General.Format(_firstStart + Duration.FromMinutes(10 * number)),
        ["startAfter"] = "PT30S",
        ["marketContext"] = "http://utility.example/dr",
        ["signals"] = new JsonArray(new JsonObject
        {
            ["name"] = "SIMPLE",
            ["type"] = "level",
            ["intervals"] = new JsonArray(new JsonObject { ["duration"] = "PT5M", ["value"] = 1 + (number % 3) }),
        }),
    });

    public async Task<JsonArray> AnswersAsync() => Rows(await GetAsync(_vtnPort, "/sim/created-events"));

    public async Task<JsonArray> EventsAsync() => Rows(await GetAsync(_venPort, $"/v1/vens/{Site}/events"));

    public Task<JsonNode> OutboxAsync() => GetAsync(_venPort, "/v1/outbox");

    public async ValueTask DisposeAsync()
    {
        if (_history is not null)
        {
            await _history.DisposeAsync();
        }

        foreach (var child in new[] { Ven, _hub, _vtn }.OfType<ChildProgram>())
        {
            await child.DisposeAsync();
        }

        _http.Dispose();
        await _hubStore.DisposeAsync();
        await _venStore.DisposeAsync();
    }

    private string[] Common(int port, TestStore store) =>
        [$"--urls=http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", $"--Auth:TokensFile={_tokens.File}", .. store.Arguments, "--Logging:LogLevel:Default=Warning"];

    private async Task EnrollAsync()
    {
        var config = $$"""
            { "vtnUrl": "http://127.0.0.1:{{_vtnPort}}/OpenADR2/Simple/2.0b", "venName": "{{Site}}", "siteId": "{{Site}}", "pollInterval": "PT0.1S", "pollFloor": "PT0.05S",
              "programs": [ { "marketContext": "http://utility.example/dr", "defaultPolicy": true, "stream": "PROG7",
                "signals": { "SIMPLE": { "levels": { "0": {}, "1": { "importLimitW": 60000 }, "2": { "importLimitW": 30000 }, "3": { "importLimitW": 0 } } } } } ] }
            """;
        using var content = new StringContent(config, Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri($"http://127.0.0.1:{_venPort}/v1/vens/{Site}"), content);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private Task<bool> ReadyAsync(int port, ChildProgram program) => Until.HoldsAsync(() => IsReadyAsync(port, program), ready => ready, () => Task.FromResult(program.LastWords));

    private async Task<bool> IsReadyAsync(int port, ChildProgram program)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            Assert.False(program.HasExited, program.LastWords);
            return false;
        }
    }

    private static JsonArray Rows(JsonNode node) => node as JsonArray ?? node.AsObject().First(m => m.Value is JsonArray).Value!.AsArray();

    private async Task<JsonNode> GetAsync(int port, string path) => JsonNode.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}{path}")))!;

    private async Task PostAsync(int port, string path, JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{port}{path}"), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
