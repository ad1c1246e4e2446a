using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Rig;

/// <summary>The service and a fake hub, on real sockets.</summary>
internal sealed class ServiceRig : IAsyncDisposable
{
    public const string Path = "/v1/clients/site-1";
    private readonly TestStore _store;
    private readonly IClock? _clock;
    private ServiceApp? _service;

    private ServiceRig(TestStore store, FakeHub hub, IClock? clock) => (_store, Hub, _clock) = (store, hub, clock);

    public FakeHub Hub { get; }

    public ServiceApp Service => _service ?? throw new InvalidOperationException("The service is down.");

    public string Folder => _store.Folder;

    public static async Task<ServiceRig> StartAsync(Dialect dialect = Dialect.Sqlite, IClock? clock = null, params string[] arguments)
    {
        var rig = new ServiceRig(TestStores.Create(dialect), await FakeHub.StartAsync(), clock);
        await rig.StartServiceAsync(arguments);
        return rig;
    }

    public async Task StartServiceAsync(params string[] arguments) => _service = await ServiceApp.StartAsync(
        args => Ieee2030Dot5App.Build(args, _clock),
        _store,
        [$"--Hub:Url={Hub.Url}", "--Hub:Token=x", "--Journal:WriteSeconds=0.5", "--Logging:LogLevel:Default=None", .. arguments]);

    public async Task StopServiceAsync()
    {
        await Service.DisposeAsync();
        _service = null;
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

    public async Task PostAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Post, path);
        Assert.True(status == HttpStatusCode.Accepted, $"POST {path}: {(int)status} {body}");
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body = null, string? token = null, string type = "application/json")
    {
        using var client = Service.Client(token ?? Service.Tokens.Operator);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    /// <summary>Asks until it holds; fails with the last answer.</summary>
    public static Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> holds) => Until.HoldsAsync(ask, holds);

    public static Task UntilAsync(Func<bool> holds) => Until.HoldsAsync(holds);

    /// <summary>Waits for what the hub is told; fails with all that it was told, and with what the client says of itself.</summary>
    public async Task<Envelope> HubHasAsync(Func<Envelope, bool> holds) =>
        (await Until.HoldsAsync(() => Task.FromResult(Hub.Envelopes.LastOrDefault(holds)), found => found is not null, DescribeAsync))!;

    /// <summary>Waits until the client knows that the server has its response: what it stops before then, it sends again.</summary>
    public Task UntilTakenAsync(string mrid, int status) => UntilAsync(
        () => GetAsync(Path + "/responses"),
        all => all.AsArray().Any(r => r!["mRid"]!.GetValue<string>() == mrid && r["status"]!.GetValue<int>() == status && r["outcome"]!.GetValue<string>() == "taken"));

    private async Task<string> DescribeAsync()
    {
        var client = await SendAsync(HttpMethod.Get, Path);
        var messages = await SendAsync(HttpMethod.Get, Path + "/messages?limit=20");
        return $"Told: {string.Join("; ", Hub.Envelopes.Select(e => $"{e.Stream.Key} {e.Revision} {e.Segments.Count} segments"))}. "
            + $"Rejected: {string.Join("; ", Hub.Rejected)}. Client: {client.Body}. Messages: {messages.Body}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Hub.DisposeAsync();
        await _store.DisposeAsync();
    }
}
