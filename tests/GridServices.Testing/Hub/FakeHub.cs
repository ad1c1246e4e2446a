using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;
using Xunit;

namespace GridServices.Testing.Hub;

/// <summary>A hub that keeps what it is told, judges it by the contract's own reader, and can be away.</summary>
public sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte> _ids = new(StringComparer.Ordinal);

    private FakeHub(WebApplication app) => _app = app;

    public ConcurrentQueue<(Publication Event, Instant At)> Published { get; } = new();
    public ConcurrentQueue<string> Rejected { get; } = new();
    public ConcurrentQueue<UpstreamReport> Reports { get; } = new();
    public ConcurrentQueue<string?> FeedbackCursors { get; } = new();
    public List<(string Cursor, FeedbackItem Item)> Feedback { get; } = [];

    /// <summary>Readings that it keeps from before; told in pages of 50.</summary>
    public List<(string SiteId, Reading Reading)> Past { get; } = [];

    public bool IsAway { get; set; }
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
        app.MapGet("/v1/sites/{siteId}/telemetry", hub.TellPast);
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

    private async Task TakeReportAsync(HttpContext http)
    {
        var read = UpstreamReportReader.Read(await BodyAsync(http));
        Assert.True(read.TryGet(out var report, out var problem), problem?.Detail);
        Reports.Enqueue(report);
        http.Response.StatusCode = 204;
    }

    private IResult TellPast(string siteId, string from, string until, string? after)
    {
        var (begin, end, skipped) = (InstantPattern.ExtendedIso.Parse(from).Value, InstantPattern.ExtendedIso.Parse(until).Value, int.Parse(after ?? "0", CultureInfo.InvariantCulture));
        var found = Past.Where(p => p.SiteId == siteId && p.Reading.At >= begin && p.Reading.At < end).ToList();
        return Results.Json(
            new SiteReadings
            {
                Items = [.. found.Skip(skipped).Take(50).Select(p => new ReceivedReading { ReceivedAt = p.Reading.At, Reading = p.Reading })],
                Next = found.Count > skipped + 50 ? $"{skipped + 50}" : null,
            },
            ContractJson.Options);
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
            // A list counts what is being added before it holds it.
            for (; sent < Feedback.Count && Feedback[sent] is { Cursor: not null, Item: not null } told; sent++)
            {
                var (cursor, item) = told;
                var json = JsonSerializer.Serialize(item, ContractJson.Options);
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: feedback\nid: {cursor}\ndata: {json}\n\n"));
            }

            await http.Response.Body.FlushAsync();
            await Task.Delay(20, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
