using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Queries;

/// <summary><c>GET /v1/sites/{siteId}/envelopes</c>: the live inputs, and long polling for changes.</summary>
internal static class EnvelopesEndpoint
{
    public static void MapEnvelopes(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/sites/{siteId}/envelopes", ReadAsync)
        .RequirePermission(Permission.SeeSites, Role.Controller, Role.Publisher)
        .WithName("listEnvelopes").WithTags("Sites")
        .WithSummary("The live envelopes and prices of a site, or what changed after a cursor")
        .WithDescription(
            "Without since: all that is live. With since={epoch}.{sequence} of the last answer: what changed after it, at most limit (1..1000) changes; "
            + "where nothing did, the answer waits up to wait (30, 30s or PT30S; at most 60 s). Of several revisions of one stream only the last is listed. "
            + "410 CURSOR_GONE: the log can't go on from the cursor; read again without since.")
        .Produces<SiteEnvelopes>()
        .Refuses(ErrorClass.CursorGone);

    private static async Task<IResult> ReadAsync(
        string siteId, string? since, string? wait, string? limit, HttpContext http, SiteCache sites, SiteLog log, HubHistory history, HistoryLoop loop, IClock clock, TimeProvider time, StoreFreshness freshness, IHostApplicationLifetime lifetime)
    {
        var key = SiteAccess.Require(http, siteId);
        if (!WaitParameter.TryParse(wait, out var patience))
        {
            return ProblemResult.Create(ErrorClass.SemanticDuration, "wait must be seconds (30 or 30s) or an ISO 8601 duration (PT30S), not negative.", "wait");
        }

        if (!LimitParameter.TryParse(limit, out var most))
        {
            return ProblemResult.Create(ErrorClass.SemanticNumber, "limit must be a whole number.", "limit");
        }

        using var site = await sites.AcquireAsync(key, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        var view = site.Cell.View;
        var resume = Resume.Decide(since, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        if (resume is Resume.Gone)
        {
            // Another instance may have given it out just now.
            await freshness.RefreshAsync(http.RequestAborted);
            view = site.Cell.View;
            resume = Resume.Decide(since, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        }

        if (view.IsDoubtful(resume) && await loop.DoubtAsync(key, http.Caller(), since, http.RequestAborted))
        {
            view = site.Cell.View;
            resume = Resume.Decide(since, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        }

        switch (resume)
        {
            case Resume.Invalid invalid:
                return ProblemResult.Create(ErrorClass.CursorInvalid, invalid.Detail, "since");
            case Resume.Gone gone:
                return ProblemResult.Create(ErrorClass.CursorGone, gone.Detail, "since");
            case Resume.After after:
                await WaitAsync(site.Cell, after.Sequence, patience, http, time, lifetime.ApplicationStopping);

                // First the history: what is told complete holds everything that completed it.
                var told = history.GetTenantHistory(key.Tenant);
                var now = site.Cell.View;
                return string.Equals(now.Epoch, view.Epoch, StringComparison.Ordinal)
                    ? await ChangesAsync(key, now.SkipLeap(after.Sequence), most, now.Set, log, told.InEpoch(now.Epoch), clock)
                    : ProblemResult.Create(ErrorClass.CursorGone, "Another epoch began while the answer waited. Read again without since.", "since");
            default:
                var about = history.GetTenantHistory(key.Tenant);
                view = site.Cell.View;
                view.Set.RequireComplete();
                return Results.Json(view.Set.Complete(siteId, view.Epoch, clock.GetCurrentInstant()).WithHistory(about.InEpoch(view.Epoch)), ContractJson.Options);
        }
    }

    private static async Task<IResult> ChangesAsync(SiteKey key, long after, int most, SiteSet set, SiteLog log, TenantHistory history, IClock clock)
    {
        var changes = await log.ReadAfterAsync(key, after, most, CancellationToken.None);
        if (changes.Count == 0 ? set.Sequence > after : changes[0].Sequence != after + 1)
        {
            return ProblemResult.Create(ErrorClass.CursorGone, "What came after the cursor has left the log, or is damaged in it. Read again without since.", "since");
        }

        var reached = changes.Count > 0 ? changes[^1].Sequence : after;

        // What would complete the reader's set may stand on the next page.
        var whole = history.Incomplete || reached >= set.Sequence ? history.With(set) : history with { Incomplete = true };
        return Results.Json(SiteStatements.Changes(key.SiteId, history.Epoch, reached, clock.GetCurrentInstant(), changes).WithHistory(whole), ContractJson.Options);
    }

    private static async Task WaitAsync(SiteState state, long after, Duration patience, HttpContext http, TimeProvider time, CancellationToken stop)
    {
        var epoch = state.View.Epoch;
        if (patience == Duration.Zero || state.View.Set.Sequence > after)
        {
            return;
        }

        var wake = new AsyncSignal();
        state.Subscribe(wake);
        try
        {
            using var until = new CancellationTokenSource(patience.ToTimeSpan(), time);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(until.Token, http.RequestAborted, stop);
            await using var ended = any.Token.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), wake);
            while (state.View.Set.Sequence <= after && state.View.Epoch == epoch && !any.IsCancellationRequested)
            {
                await wake.WaitAsync();
            }
        }
        finally
        {
            state.Unsubscribe(wake);
        }
    }
}
