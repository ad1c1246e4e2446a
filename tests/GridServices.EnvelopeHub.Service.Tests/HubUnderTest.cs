using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Data.Sqlite;

namespace GridServices.EnvelopeHub.Tests;

/// <summary>The hub on a store of its own, in this process, with a client per role.</summary>
internal sealed class HubUnderTest : IAsyncDisposable
{
    private TestStore _place;
    private readonly string[] _arguments;

    private HubUnderTest(TestStore store, string[] arguments, ServiceApp app)
    {
        _place = store;
        _arguments = arguments;
        App = app;
    }

    public ServiceApp App { get; private set; }

    public TestTokens Tokens => App.Tokens;

    public string DatabaseFile => Path.Combine(_place.Folder, "envelope-hub.db");

    public static async Task<HubUnderTest> StartAsync(Dialect dialect = Dialect.Sqlite, params string[] arguments)
    {
        var place = TestStores.Create(dialect, typeof(EnvelopeHubApp).Assembly);
        return new HubUnderTest(place, arguments, await ServiceApp.StartAsync(EnvelopeHubApp.Build, place, WithoutWait(arguments)));
    }

    /// <summary>A second node on the same store.</summary>
    public Task<ServiceApp> SecondNodeAsync() => ServiceApp.StartAsync(EnvelopeHubApp.Build, _place, WithoutWait(_arguments));

    /// <summary>A new store waits for nobody, unless a test says otherwise: what follows on the command line wins.</summary>
    private static string[] WithoutWait(string[] arguments) => ["--EnvelopeHub:SettleTime=00:00:00", .. arguments];

    public HttpClient Client(string token)
    {
        var client = App.Client(token);
        client.Timeout = Until.Ceiling;
        return client;
    }

    public HttpClient Publisher => Client(Tokens.Publisher);

    public HttpClient Controller => Client(Tokens.Controller);

    /// <summary>Ends the process's hub and starts it again on the same store.</summary>
    public async Task RestartAsync()
    {
        await App.DisposeAsync();
        App = await ServiceApp.StartAsync(EnvelopeHubApp.Build, _place, WithoutWait(_arguments));
    }

    /// <summary>Ends the hub, moves its store to PostgreSQL and starts it there.</summary>
    public async Task MoveAsync()
    {
        await App.DisposeAsync();
        _place = await MovedStore.MoveAsync(EnvelopeHubApp.Build, _place);
        App = await ServiceApp.StartAsync(EnvelopeHubApp.Build, _place, WithoutWait(_arguments));
    }

    /// <summary>Ends the hub, changes its store as a disk or a hand would, and starts it again.</summary>
    public async Task RestartDamagedAsync(string sql)
    {
        await App.App.StopAsync();
        await App.App.DisposeAsync();
        await SqlAsync(sql);
        await RestartAsync();
    }

    /// <summary>Runs SQL beside the hub; on SQLite it must have ended.</summary>
    public async Task SqlAsync(string sql)
    {
        if (_place.Dialect == Dialect.PostgreSql)
        {
            await _place.SqlAsync(sql);
            return;
        }

        await using var db = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Publishes as one batch and gives the results.</summary>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(params byte[][] events)
    {
        using var client = Publisher;
        using var answer = await client.PostAsync("/v1/envelopes", Batch(events));
        answer.EnsureSuccessStatusCode();
        return (await ReadAsync<PublishAnswer>(answer)).Results;
    }

    /// <summary>What <c>effective/now</c> says of the limit, once the hub has counted its publishers in (503 until then, also for a moment after a start).</summary>
    public async Task<string> ImportLimitAsync(string? token = null)
    {
        using var client = Client(token ?? Tokens.Controller);
        var (_, text) = await Until.HoldsAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/v1/sites/site-1/effective/now/importLimitW");
                return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
            },
            answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable);
        return text;
    }

    public Task<SseReader> SubscribeAsync(string site = "site-1", string? lastEventId = null, string? token = null, string query = "") =>
        SseReader.OpenAsync(Client(token ?? Tokens.Controller), $"/v1/sites/{site}/stream{query}", lastEventId);

    public static ByteArrayContent Batch(params byte[][] events)
    {
        var body = new MemoryStream();
        body.Write("["u8);
        for (var i = 0; i < events.Length; i++)
        {
            body.Write(i == 0 ? ""u8 : ","u8);
            body.Write(events[i]);
        }

        body.Write("]"u8);
        return Content(body.ToArray(), CloudEventTypes.BatchMediaType);
    }

    public static ByteArrayContent Json<T>(T value) => Content(JsonSerializer.SerializeToUtf8Bytes(value, ContractJson.Options), "application/json");

    public static ByteArrayContent Json(string text) => Content(Encoding.UTF8.GetBytes(text), "application/json");

    public static ByteArrayContent Content(byte[] body, string mediaType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return content;
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<T>(await answer.Content.ReadAsByteArrayAsync(), ContractJson.Options)!;

    /// <summary>Asks and demands a problem of this class, with its status.</summary>
    public static async Task<Problem> DemandProblemAsync(HttpResponseMessage answer, ErrorClass expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{answer.StatusCode} {body}");
        var problem = JsonSerializer.Deserialize<Problem>(body, ContractJson.Options)!;
        Assert.Equal(Problems.TypePrefix + Problems.GetName(expected), problem.Type);
        Assert.Equal(Problems.GetStatus(expected), (int)answer.StatusCode);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _place.DisposeAsync();
    }
}
