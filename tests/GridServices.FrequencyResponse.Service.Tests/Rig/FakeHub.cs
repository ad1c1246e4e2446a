using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>A hub that keeps what it is told, judges it by the contract's own reader, and can be away.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte> _ids = new(StringComparer.Ordinal);

    private Envelope[] _others = [];
    private long _sequence;
    private volatile string _epoch = "e";
    private volatile bool _incomplete;

    private FakeHub(WebApplication app) => _app = app;

    public ConcurrentQueue<(Publication Event, Instant At)> Published { get; } = new();
    public ConcurrentQueue<string> Rejected { get; } = new();
    public ConcurrentQueue<UpstreamReport> Reports { get; } = new();
    public ConcurrentQueue<string?> FeedbackCursors { get; } = new();
    public List<(string Cursor, FeedbackItem Item)> Feedback { get; } = [];
    public bool IsAway { get; set; }

    /// <summary>What it says of a site is well-formed and makes no sense.</summary>
    public bool IsGarbled { get; set; }
    public Uri Url { get; private set; } = new("http://localhost");

    public IEnumerable<Envelope> Envelopes => Published.Select(p => p.Event).OfType<EnvelopePublished>().Select(e => e.Envelope);

    public IEnumerable<Withdrawal> Withdrawals => Published.Select(p => p.Event).OfType<EnvelopeWithdrawn>().Select(e => e.Withdrawal);

    public static async Task<FakeHub> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var hub = new FakeHub(app);
        app.MapPost("/v1/envelopes", hub.TakeAsync);
        app.MapPost("/v1/upstream-health", hub.TakeReportAsync);
        app.MapGet("/v1/feedback", hub.FeedAsync);
        app.MapGet("/v1/sites/{siteId}/envelopes", hub.EnvelopesAsync);
        await app.StartAsync();
        hub.Url = new Uri(app.Urls.First());
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private async Task TakeAsync(HttpContext http)
    {
        if (IsAway)
        {
            http.Response.StatusCode = 503;
            return;
        }

        var now = SystemClock.Instance.GetCurrentInstant();
        var read = EnvelopeReader.ReadPublication(await BodyAsync(http));
        var results = new List<PublishResult>();
        foreach (var item in read.Items)
        {
            if (!item.TryGet(out var publication, out var problem))
            {
                Rejected.Enqueue(problem.Detail ?? problem.Title);
                results.Add(new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = problem });
            }
            else if (_ids.TryAdd(item.Id!, 0))
            {
                Published.Enqueue((publication, now));
                results.Add(new PublishResult { Id = item.Id, Status = PublishStatus.Accepted, Sequence = "1" });
            }
            else
            {
                results.Add(new PublishResult { Id = item.Id, Status = PublishStatus.Duplicate });
            }
        }

        await Results.Json(new PublishAnswer(results), ContractJson.Options).ExecuteAsync(http);
    }

    /// <summary>What others state; a change is told to those who wait.</summary>
    public void State(params Envelope[] others)
    {
        _others = others;
        Interlocked.Increment(ref _sequence);
    }

    /// <summary>Its store is lost: it begins a new history, in which nobody has restated yet.</summary>
    public void Lose()
    {
        (_others, _incomplete, _epoch) = ([], true, "f");
        Interlocked.Increment(ref _sequence);
    }

    private async Task EnvelopesAsync(HttpContext http, string siteId)
    {
        if (IsAway)
        {
            http.Response.StatusCode = 503;
            return;
        }

        var since = http.Request.Query["since"].ToString();
        for (var waited = 0; since == $"{_epoch}.{_sequence}" && waited < 200 && !http.RequestAborted.IsCancellationRequested; waited++)
        {
            await Task.Delay(10);
        }

        await Results.Json(
            new SiteEnvelopes
            {
                SiteId = siteId,
                Epoch = _epoch,
                Incomplete = _incomplete ? true : null,
                Sequence = $"{_sequence}",
                AsOf = SystemClock.Instance.GetCurrentInstant(),
                Complete = true,
                Envelopes = IsGarbled ? [null!] : [.. _others, .. Envelopes.Where(e => e.SiteId == siteId)],
                Prices = [],
            },
            ContractJson.Options).ExecuteAsync(http);
    }

    private async Task TakeReportAsync(HttpContext http)
    {
        var read = UpstreamReportReader.Read(await BodyAsync(http));
        Assert.True(read.TryGet(out var report, out var problem), problem?.Detail);
        Reports.Enqueue(report);
        http.Response.StatusCode = 204;
    }

    private async Task FeedAsync(HttpContext http)
    {
        var after = http.Request.Headers["Last-Event-ID"].ToString();
        FeedbackCursors.Enqueue(after.Length == 0 ? null : after);
        http.Response.ContentType = "text/event-stream";
        await http.Response.StartAsync();
        var sent = Feedback.FindIndex(f => f.Cursor == after) + 1;
        while (!http.RequestAborted.IsCancellationRequested)
        {
            // One that is just being added is counted before it is there.
            for (; sent < Feedback.Count && Feedback[sent].Item is not null; sent++)
            {
                var (cursor, item) = Feedback[sent];
                var json = JsonSerializer.Serialize(item, ContractJson.Options);
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: feedback\nid: {cursor}\ndata: {json}\n\n"));
            }

            await http.Response.Body.FlushAsync();
            await Task.Delay(20, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
