using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>A hub that judges publications by the contract's own reader, feeds telemetry back and tells a site's prices.</summary>
internal sealed class HubStub : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, byte> ids = new(StringComparer.Ordinal);
    private readonly List<FeedbackItem> feedback = [];

    private HubStub(WebApplication app) => this.app = app;

    public ConcurrentQueue<(Publication Event, Instant At)> Published { get; } = new();

    public ConcurrentQueue<string> Rejected { get; } = new();

    public ConcurrentQueue<UpstreamReport> Reports { get; } = new();

    public SiteEnvelopes? Site { get; set; }

    public string Url { get; private set; } = string.Empty;

    public IEnumerable<Envelope> Envelopes => Published.Select(p => p.Event).OfType<EnvelopePublished>().Select(e => e.Envelope);

    public IEnumerable<Withdrawal> Withdrawals => Published.Select(p => p.Event).OfType<EnvelopeWithdrawn>().Select(e => e.Withdrawal);

    public static async Task<HubStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = new HubStub(builder.Build());
        hub.app.MapPost("/v1/envelopes", hub.TakeAsync);
        hub.app.MapPost("/v1/upstream-health", hub.TakeReportAsync);
        hub.app.MapGet("/v1/feedback", hub.FeedAsync);
        hub.app.MapGet("/v1/sites/{siteId}/envelopes", () => hub.Site is { } site ? Results.Json(site, ContractJson.Options) : Results.NotFound());
        await hub.app.StartAsync(TestContext.Current.CancellationToken);
        hub.Url = hub.app.Urls.First();
        return hub;
    }

    public void Send(string siteId, Reading reading)
    {
        lock (feedback)
        {
            feedback.Add(new FeedbackItem { SiteId = siteId, Reading = reading });
        }
    }

    public async Task<Envelope> EnvelopeAsync(Func<Envelope, bool> wanted) => (await Until.HoldsAsync(
        () => Task.FromResult(Envelopes.LastOrDefault(wanted)),
        found => found is not null,
        () => Task.FromResult($"rejected: {string.Join("; ", Rejected)}; there are {string.Join(" | ", Envelopes.Select(e => JsonSerializer.Serialize(e, ContractJson.Options)))}")))!;

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private async Task TakeAsync(HttpContext http)
    {
        var results = new List<PublishResult>();
        foreach (var item in EnvelopeReader.ReadPublication(await BodyAsync(http)).Items)
        {
            if (!item.TryGet(out var publication, out var problem))
            {
                Rejected.Enqueue(problem.Detail ?? problem.Title);
                results.Add(new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = problem });
                continue;
            }

            var isNew = ids.TryAdd(item.Id!, 0);
            if (isNew)
            {
                Published.Enqueue((publication, SystemClock.Instance.GetCurrentInstant()));
            }

            results.Add(new PublishResult { Id = item.Id, Status = isNew ? PublishStatus.Accepted : PublishStatus.Duplicate, Sequence = "1" });
        }

        await Results.Json(new PublishAnswer(results), ContractJson.Options).ExecuteAsync(http);
    }

    private async Task TakeReportAsync(HttpContext http)
    {
        Assert.True(UpstreamReportReader.Read(await BodyAsync(http)).TryGet(out var report, out var problem), problem?.Detail);
        Reports.Enqueue(report);
        http.Response.StatusCode = 204;
    }

    private async Task FeedAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.StartAsync();
        var sent = int.TryParse(http.Request.Headers["Last-Event-ID"], out var after) ? after : 0;
        while (!http.RequestAborted.IsCancellationRequested)
        {
            FeedbackItem[] fresh;
            lock (feedback)
            {
                fresh = [.. feedback.Skip(sent)];
            }

            foreach (var item in fresh)
            {
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: feedback\nid: {++sent}\ndata: {JsonSerializer.Serialize(item, ContractJson.Options)}\n\n"));
            }

            await http.Response.Body.FlushAsync();
            await Task.Delay(20, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
