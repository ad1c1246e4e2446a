using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Rig;

/// <summary>The service, a simulated VTN and a fake hub, on real sockets.</summary>
internal sealed class VenRig : IAsyncDisposable
{
    public const string Path = "/v1/vens/site-1";
    private TestStore _store;
    private ServiceApp? _service;

    private VenRig(TestStore store, Vtn vtn, FakeHub hub) => (_store, Vtn, Hub) = (store, vtn, hub);

    public Vtn Vtn { get; set; }

    public FakeHub Hub { get; }

    /// <summary>What every start of the service is told besides.</summary>
    private IReadOnlyList<string> Arguments { get; init; } = [];

    private string[] Common => [$"--Hub:Url={Hub.Url}", "--Hub:Token=x", "--Journal:WriteSeconds=0.5", .. Arguments];

    /// <summary>What the service takes for the time; null: the time.</summary>
    private IClock? Clock { get; init; }

    public ServiceApp Service => _service ?? throw new InvalidOperationException("The service is down.");

    public string Folder => _store.Folder;

    public static async Task<VenRig> StartAsync(Dialect dialect = Dialect.Sqlite, IClock? clock = null, params string[] vtnOptions)
    {
        var store = TestStores.Create(dialect);
        var rig = new VenRig(store, await Vtn.StartAsync(0, vtnOptions), await FakeHub.StartAsync()) { Clock = clock };
        await rig.StartServiceAsync();
        return rig;
    }

    public static Task<VenRig> StartAsync(IReadOnlyList<string> serviceArguments, params string[] vtnOptions) => StartAsync(serviceArguments, null, vtnOptions);

    public static async Task<VenRig> StartAsync(IReadOnlyList<string> serviceArguments, IClock? clock, string[] vtnOptions)
    {
        var rig = new VenRig(TestStores.Create(Dialect.Sqlite), await Vtn.StartAsync(0, vtnOptions), await FakeHub.StartAsync()) { Arguments = serviceArguments, Clock = clock };
        await rig.StartServiceAsync();
        return rig;
    }

    /// <summary>A VEN as the architecture's example has it, polling fast.</summary>
    public static JsonObject Config(string vtnUrl, string pollInterval = "PT0.1S") => JsonNode.Parse($$"""
        { "vtnUrl": "{{vtnUrl}}", "venName": "site-1", "siteId": "site-1", "transport": "pull",
          "pollInterval": "{{pollInterval}}", "pollFloor": "PT0.05S",
          "programs": [ { "marketContext": "http://utility.example/dr", "defaultPolicy": true, "stream": "PROG7", "tier": "contractual",
            "optPolicy": "auto", "signals": {
              "SIMPLE":       { "levels": { "0": {}, "1": { "importLimitW": 60000 }, "2": { "importLimitW": 30000 }, "3": { "importLimitW": 0 } } },
              "LOAD_CONTROL": { "referenceW": 100000 }, "LOAD_DISPATCH": { "target": true } } } ],
          "reports": [ { "kind": "TELEMETRY_USAGE", "rId": "power", "source": "site.netPowerW", "samplingInterval": "PT1S" } ] }
        """)!.AsObject();

    public async Task StartServiceAsync(params string[] arguments) => _service = await ServiceApp.StartAsync(
        args => OpenAdrApp.Build(args, Clock), _store, [.. Common, "--Logging:LogLevel:Default=None", .. arguments]);

    /// <summary>Stops the service and starts it in a process of its own, which is to die at this step.</summary>
    /// <param name="crashAt">The step.</param>
    /// <param name="whileStopped">Done when the service has ended and the process has not begun.</param>
    public async Task<ServiceProcess> StartToDieAsync(string crashAt, Func<Task>? whileStopped = null)
    {
        var tokens = Service.Tokens.File;
        await StopServiceAsync();
        await (whileStopped?.Invoke() ?? Task.CompletedTask);
        return ServiceProcess.Start(crashAt, ["--urls=http://127.0.0.1:0", $"--Auth:TokensFile={tokens}", "--Logging:LogLevel:Default=Warning", .. _store.Arguments, .. Common]);
    }

    public async Task StopServiceAsync()
    {
        await Service.DisposeAsync();
        _service = null;
    }

    /// <summary>Stops the service and moves its store to PostgreSQL, where the next start finds it.</summary>
    public async Task MoveAsync()
    {
        await StopServiceAsync();
        _store = await MovedStore.MoveAsync(args => OpenAdrApp.Build(args, Clock), _store);
    }

    public Task<JsonNode> EnrollAsync(string pollInterval = "PT0.1S") => PutAsync(Path, Config(Vtn.Url, pollInterval));

    public async Task RegisterAsync(string pollInterval = "PT0.1S")
    {
        await EnrollAsync(pollInterval);
        await UntilAsync(() => StateAsync(), s => s == "registered");
    }

    public async Task<string> StateAsync() => (await GetAsync(Path))["state"]!.GetValue<string>();

    public async Task<string> VenIdAsync() => (await GetAsync(Path))["venId"]!.GetValue<string>();

    /// <summary>Waits until all that follows a registration is said and polls find nothing.</summary>
    public Task SettleAsync() => UntilAsync(
        async () => (await GetAsync(Path + "/messages?limit=1"))["messages"]![0]!, m => m["message"]?.GetValue<string>() == "oadrPoll" && m["times"]!.GetValue<long>() > 2);

    public async Task PostAsync(string action)
    {
        var (status, body) = await SendAsync(HttpMethod.Post, Path + action);
        Assert.True(status == HttpStatusCode.Accepted, $"POST {action}: {(int)status} {body}");
    }

    public async Task<JsonNode> PutAsync(string path, JsonNode body)
    {
        var (status, answer) = await SendAsync(HttpMethod.Put, path, body.ToJsonString());
        Assert.True((int)status is 200 or 201, $"PUT {path}: {(int)status} {answer}");
        return answer!;
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, answer) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, $"GET {path}: {(int)status} {answer}");
        return answer!;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body = null, string? token = null)
    {
        using var client = Service.Client(token ?? Service.Tokens.Operator);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    /// <summary>Asks until it holds; fails with the last answer.</summary>
    public static Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> holds) => Until.HoldsAsync(ask, holds);

    public static Task UntilAsync(Func<bool> holds) => Until.HoldsAsync(holds);

    /// <summary>Waits for what the hub is told; fails with all that it was told, and with what the VEN says of itself.</summary>
    public async Task<Envelope> HubHasAsync(Func<Envelope, bool> holds) =>
        (await Until.HoldsAsync(() => Task.FromResult(Hub.Envelopes.LastOrDefault(holds)), found => found is not null, WhatWasToldAsync))!;

    private async Task<string> WhatWasToldAsync()
    {
        var ven = await SendAsync(HttpMethod.Get, Path);
        var outbox = await SendAsync(HttpMethod.Get, "/v1/outbox");
        return $"Told: {string.Join("; ", Hub.Envelopes.Select(e => $"{e.Stream.Key} {e.Revision} {e.Segments.Count} segments"))}. "
            + $"Rejected: {string.Join("; ", Hub.Rejected)}. Outbox: {outbox.Body}. VEN: {ven.Body}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Vtn.DisposeAsync();
        await Hub.DisposeAsync();
        await _store.DisposeAsync();
    }
}
