using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Client.Tests.Hub;

/// <summary>A hub that says exactly what a test writes: each opening of the stream plays the next act; then it stays open and silent.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Act> acts = new();
    private int failure;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> postAnswers = new();

    private FakeHub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/v1/sites/{site}/stream", StreamAsync);
        app.MapGet("/v1/sites/{site}/envelopes", EnvelopesAsync);
        app.MapGet("/v1/sites/{site}/effective", EffectiveAsync);
        app.MapPost("/v1/sites/{site}/{what}", PostAsync);
    }

    public Uri Url => new(app.Urls.Single());

    /// <summary>The Last-Event-ID of each opening; empty where none was sent.</summary>
    public ConcurrentQueue<string> Openings { get; } = new();

    public ConcurrentQueue<(string What, string Body)> Posts { get; } = new();

    public int SetsAsked { get; private set; }

    /// <summary>The query of each <c>GET …/envelopes</c>.</summary>
    public ConcurrentQueue<string> SetQueries { get; } = new();

    /// <summary>What <c>GET …/envelopes</c> answers.</summary>
    public SiteEnvelopes Set { get; set; } = Samples.Set(0).Set;

    public static async Task<FakeHub> StartAsync()
    {
        var hub = new FakeHub();
        await hub.app.StartAsync();
        return hub;
    }

    public HubClientOptions Options(int idleMs = 120_000) => new()
    {
        Hub = Url,
        Token = "t",
        SiteId = Samples.Site,
        FirstRetry = NodaTime.Duration.FromMilliseconds(10),
        LongestRetry = NodaTime.Duration.FromMilliseconds(50),
        IdleLimit = NodaTime.Duration.FromMilliseconds(idleMs),
        RequestTimeout = NodaTime.Duration.FromMilliseconds(Math.Max(idleMs, GridServices.Testing.Until.Ceiling.TotalMilliseconds)), // on a clock that a test moves in leaps no answer may count as late
        MaxBytes = 100_000,
        JitterSeed = 1,
    };

    /// <summary>The next opening plays this; <paramref name="cut"/>: then the connection ends.</summary>
    public FakeHub Plays(string text, bool cut = true, bool abort = false, int status = 200, string contentType = "text/event-stream")
    {
        acts.Enqueue(new(text, cut, abort, status, contentType));
        return this;
    }

    /// <summary>The next <c>GET …/envelopes</c> is answered so, with nothing in it.</summary>
    public void FailsNextQuery(int status) => Volatile.Write(ref failure, status);

    public void AnswersNextPost(int status) => postAnswers.Enqueue(http =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    /// <summary>The next post is answered so, whatever it holds.</summary>
    public void AnswersNextPost(int status, string mediaType, string body) => postAnswers.Enqueue(http =>
    {
        (http.Response.StatusCode, http.Response.ContentType) = (status, mediaType);
        return http.Response.WriteAsync(body);
    });

    /// <summary>The next post is refused whole, in the hub's own words.</summary>
    public void RefusesNextPost(ErrorClass kind) => AnswersNextPost(Problems.GetStatus(kind), "application/problem+json", JsonSerializer.Serialize(Problems.Create(kind, "no"), ContractJson.Options));

    public static string Snapshot(SetStated set) => Event("snapshot", set.Cursor.ToString(), new SiteSnapshot
    {
        SiteId = Samples.Site,
        Epoch = set.Set.Epoch,
        Sequence = set.Set.Sequence,
        AsOf = Samples.T0,
        Envelopes = set.Set.Envelopes,
        Prices = [],
        Incomplete = set.Set.Incomplete,
        WaitingFor = set.Set.WaitingFor,
        Effective = EffectiveEnvelope.Merge(Samples.Site, set.Set.Envelopes, Samples.T0),
    });

    public static string Change(long sequence, Envelope envelope) => Event(
        "envelope", $"{Samples.Epoch}.{sequence}", CloudEvents.Wrap(envelope, "/test", "default", $"id{sequence}", Samples.T0));

    public static string Beat(long sequence) => Event("heartbeat", null, Samples.Beat(sequence).Heartbeat);

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private static string Event<T>(string name, string? id, T data) =>
        $"{(id is null ? "" : $"id: {id}\n")}event: {name}\ndata: {JsonSerializer.Serialize(data, ContractJson.Options)}\n\n";

    private async Task StreamAsync(HttpContext http)
    {
        Openings.Enqueue(http.Request.Headers["Last-Event-ID"].ToString());
        var act = acts.TryDequeue(out var next) ? next : new("", false, false, 200, "text/event-stream");
        (http.Response.StatusCode, http.Response.ContentType) = (act.Status, act.ContentType);
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(act.Text), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        if (act.Abort)
        {
            await Task.Delay(1_000); // an abort takes back what has not left yet
            http.Abort();
        }
        else if (!act.Cut)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task EnvelopesAsync(HttpContext http)
    {
        SetsAsked++;
        SetQueries.Enqueue(http.Request.QueryString.ToString());
        if (Interlocked.Exchange(ref failure, 0) is > 0 and var status)
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        }

        return http.Response.WriteAsJsonAsync(Set, ContractJson.Options);
    }

    private static Task EffectiveAsync(HttpContext http)
    {
        http.Response.Headers.ETag = "\"v1\"";
        if (http.Request.Headers.IfNoneMatch == "\"v1\"")
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return http.Response.WriteAsJsonAsync(EffectiveEnvelope.Merge(Samples.Site, [], Samples.T0), ContractJson.Options);
    }

    private async Task PostAsync(HttpContext http, string what)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        if (postAnswers.TryDequeue(out var answer))
        {
            await answer(http);
            return;
        }

        Posts.Enqueue((what, body));
        var items = JsonDocument.Parse(body).RootElement.EnumerateArray().Count();
        await http.Response.WriteAsJsonAsync(new PublishAnswer([.. Enumerable.Repeat(new PublishResult { Status = PublishStatus.Accepted }, items)]), ContractJson.Options);
    }

    private sealed record Act(string Text, bool Cut, bool Abort, int Status, string ContentType);
}
