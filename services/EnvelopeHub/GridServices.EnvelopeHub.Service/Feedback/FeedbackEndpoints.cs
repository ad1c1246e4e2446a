using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Publishing;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>What controllers say, and its stream back to the publishers.</summary>
internal static class FeedbackEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;
    private const int MostReadings = 10_000;

    // An item takes about ten times its bytes until it is stored.
    private const int Weight = 2;

    // A reading has at most 12 members, each a name and a value, and its brackets; a receipt has fewer.
    private const int TokensPerItem = 32;
    private static readonly BodyLimits Bounds = new(MaxBody, MostReadings) { MaxTokens = MostReadings * TokensPerItem };

    /// <summary>How far a reading may lie ahead of the hub's clock: beyond any wrong setting of a zone, it would stand before all true ones to come.</summary>
    private static readonly Duration MostAhead = Duration.FromDays(1);

    public static void MapFeedback(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/sites/{siteId}/receipts", ReceiptsAsync)
            .RequirePermission(Permission.Control)
            .RepeatsHarmlessly().WithName("postReceipts").WithTags("Feedback")
            .WithSummary("What the controller does with envelopes: one receipt or an array")
            .WithDescription("Per item accepted, duplicate (the same envelope, revision and state before) or rejected (UNKNOWN_ID: no such envelope at this site). Sending again is safe.")
            .Accepts<OneOrMany<Receipt>>("application/json")
            .Produces<PublishAnswer>();
        routes.MapPost("/v1/sites/{siteId}/telemetry", TelemetryAsync)
            .RequirePermission(Permission.Control)
            .RepeatsHarmlessly().WithName("postTelemetry").WithTags("Feedback")
            .WithSummary("Readings of the site or of assets behind it: one or an array of at most 10,000")
            .WithDescription("Per item accepted, duplicate (the same asset and instant before) or rejected (DATA_CONFLICT: the same asset and instant before, with other values). Sending again is safe.")
            .Accepts<OneOrMany<Reading>>("application/json")
            .Produces<PublishAnswer>()
            .Refuses(ErrorClass.DataConflict);
        routes.MapGet("/v1/feedback", StreamAsync)
            .RequirePermission(Permission.Publish)
            .WithName("streamFeedback").WithTags("Feedback")
            .WithSummary("Server-Sent Events of all receipts and readings of the tenant's sites in the token's scope")
            .WithDescription(
                "`feedback` events in the order in which they were stored. Goes on after Last-Event-ID or since; without either it starts at the beginning of the retained log, so that nothing is missed. "
                + "`damaged` (a problem) stands in the place of an item that was changed in the hub's store and is left out. "
                + "410 CURSOR_GONE: the log can't go on from the cursor; connect without one.")
            .ReadsHeader("Last-Event-ID", "The id of the last event that was handled: the stream goes on after it. Counts before since.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Refuses(ErrorClass.CursorGone, ErrorClass.RateLimit);
    }

    private static async Task<IResult> ReceiptsAsync(string siteId, HttpContext http, SiteCache sites, SiteLog log, FeedbackQueue queue)
    {
        var key = SiteAccess.Require(http, siteId);
        var read = ReceiptReader.Read(await http.Request.ReadBodyAsync(MaxBody, Weight, "application/json"), Bounds);
        using var site = await sites.AcquireAsync(key, http.RequestAborted);
        return await StoreAsync(
            read,
            queue,
            async receipt => await FindStreamAsync(site.Cell, log, receipt, http.RequestAborted) is { } stream
                ? (FeedbackDraft.From(key, receipt, stream), null)
                : (null, Problems.Create(ErrorClass.UnknownId, $"Site '{siteId}' has no envelope {receipt.EnvelopeId} of revision {receipt.Revision}. Take both from the envelope.", "/envelopeId")));
    }

    private static async Task<IResult> TelemetryAsync(string siteId, HttpContext http, FeedbackQueue queue, IClock clock)
    {
        var key = SiteAccess.Require(http, siteId);
        var read = ReadingReader.Read(await http.Request.ReadBodyAsync(MaxBody, Weight, "application/json"), Bounds);
        var latest = clock.GetCurrentInstant() + MostAhead;
        return await StoreAsync(read, queue, reading => ValueTask.FromResult<(FeedbackDraft?, Problem?)>(
            reading.At <= latest ? (FeedbackDraft.From(key, reading), null) : (null, InTheFuture(reading, latest))));
    }

    private static Problem InTheFuture(Reading reading, Instant latest) => Problems.Create(
        ErrorClass.Plausibility, $"A reading of {reading.At} can't have been taken yet (the latest that is accepted now is {latest}). Set the controller's clock.", "/at");


    private static async Task<IResult> StoreAsync<T>(BatchOutcome<T> read, FeedbackQueue queue, Func<T, ValueTask<(FeedbackDraft? Draft, Problem? Problem)>> draft)
        where T : class
    {
        if (read.Refusal is not null)
        {
            return ProblemResult.Create(read.Refusal);
        }

        var results = new PublishResult[read.Items.Count];
        var drafts = new List<(int Place, FeedbackDraft Draft)>(results.Length);
        for (var i = 0; i < results.Length; i++)
        {
            var (made, problem) = read.Items[i].TryGet(out var value, out var refusal) ? await draft(value) : (null, refusal);
            if (made is null)
            {
                results[i] = new PublishResult { Status = PublishStatus.Rejected, Problem = problem };
            }
            else
            {
                drafts.Add((i, made));
            }
        }

        var outcomes = await queue.SubmitAsync([.. drafts.Select(item => item.Draft)]);
        foreach (var (item, outcome) in drafts.Zip(outcomes))
        {
            results[item.Place] = Result(outcome);
        }

        return PublishResponse.Create(results, read.IsBatch);
    }

    private static PublishResult Result(FeedbackOutcome outcome) => outcome switch
    {
        FeedbackOutcome.Stored => new PublishResult { Status = PublishStatus.Accepted },
        FeedbackOutcome.Duplicate => new PublishResult { Status = PublishStatus.Duplicate },
        _ => new PublishResult
        {
            Status = PublishStatus.Rejected,
            Problem = Problems.Create(ErrorClass.DataConflict, "A reading of the same asset and instant was stored before, with other values. A measurement is said once.", "/at"),
        },
    };

    private static async ValueTask<StreamId?> FindStreamAsync(SiteState state, SiteLog log, Receipt receipt, CancellationToken ct)
    {
        foreach (var live in state.View.Set.Envelopes)
        {
            if (live.EnvelopeId == receipt.EnvelopeId && live.Revision == receipt.Revision)
            {
                return live.Stream;
            }
        }

        return await log.FindStreamAsync(state.Key, receipt.EnvelopeId, receipt.Revision, ct);
    }

    private static Task StreamAsync(string? since, HttpContext http, FeedbackStream stream, IHostApplicationLifetime lifetime) =>
        stream.ServeAsync(http, http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : since, lifetime.ApplicationStopping);
}
