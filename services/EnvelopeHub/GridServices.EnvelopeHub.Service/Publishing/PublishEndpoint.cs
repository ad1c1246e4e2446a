using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary><c>POST /v1/envelopes</c>: one CloudEvent or an array; each stands for itself.</summary>
internal static class PublishEndpoint
{
    private const int MaxBody = 16 * 1024 * 1024;

    // From here on the cores share the hashing.
    private const int ManyItems = 500;

    public static void MapPublish(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/envelopes", PublishAsync)
        .RequirePermission(Permission.Publish)
        .RepeatsHarmlessly().WithName("publishEnvelopes").WithTags("Envelopes")
        .WithSummary("Publish envelopes, withdrawals and price series")
        .WithDescription(
            "One CloudEvent, or an array. Per event: accepted (stored, durable), duplicate, stale, or rejected with a problem. Sending again is safe. "
            + "Where a higher revision is held, or this one with other content, heldRevision says which: publish again above it. epoch is the hub's present history. "
            + "A single event that is rejected answers the problem's own status; the problem then carries results too. 503: nothing was stored, send it all again.")
        .Accepts<OneOrMany<OneOf<CloudEvent<Envelope>, CloudEvent<Withdrawal>, CloudEvent<PriceSeries>>>>(CloudEventTypes.MediaType, CloudEventTypes.BatchMediaType, "application/json")
        .Produces<PublishAnswer>()
        .Refuses(ErrorClass.AuthzSite, ErrorClass.IdConflict, ErrorClass.SeqRegression, ErrorClass.RateLimit);

    private static async Task<IResult> PublishAsync(HttpContext http, CommitQueue queue, HubHistory history, HistoryLoop loop)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, CloudEventTypes.MediaType, CloudEventTypes.BatchMediaType, "application/json");
        var read = EnvelopeReader.ReadPublication(body);
        if (read.Refusal is not null)
        {
            return ProblemResult.Create(read.Refusal);
        }

        var caller = http.Caller();
        var results = new PublishResult[read.Items.Count];
        var submissions = new PublicationEntry?[results.Length];
        void Prepare(int i)
        {
            var item = read.Items[i];
            if ((item.Problem ?? Scope(caller, item.Value!)) is { } problem)
            {
                results[i] = new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = problem };
            }
            else
            {
                submissions[i] = PublicationEntryReader.Parse(item.Value!);
            }
        }

        if (results.Length < ManyItems)
        {
            for (var i = 0; i < results.Length; i++)
            {
                Prepare(i);
            }
        }
        else
        {
            Parallel.For(0, results.Length, Prepare);
        }

        var stored = new Queue<PublishResult>(await queue.SubmitAsync([.. submissions.OfType<PublicationEntry>()]));
        for (var i = 0; i < results.Length; i++)
        {
            results[i] ??= stored.Dequeue();
        }

        Note(submissions, results, history);
        await loop.SaveNewsAsync();
        return PublishResponse.Create(results, read.IsBatch, history.Epoch);
    }

    // What a source has said in this epoch is known of it. Mostly one source per request.
    private static void Note(PublicationEntry?[] submissions, PublishResult[] results, HubHistory history)
    {
        (string Tenant, string Source)? last = null;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Status is not (PublishStatus.Accepted or PublishStatus.Duplicate) || submissions[i]?.Publication is not { } said
                || (last is { } before && before.Tenant == said.Tenant && before.Source == said.Source))
            {
                continue;
            }

            last = (said.Tenant, said.Source);
            history.Published(said.Tenant, said.Source);
        }
    }

    // The subject names the tenant and the site; the token says for which of them the caller speaks.
    private static Problem? Scope(Caller caller, Publication publication) =>
        string.Equals(publication.Tenant, caller.Tenant, StringComparison.Ordinal) && caller.MayAct(publication.SiteId)
            ? null
            : Problems.Create(
                ErrorClass.AuthzSite, $"Token '{caller.TokenId}' does not publish for {CloudEvents.Subject(publication.Tenant, publication.SiteId)}.", "/subject");
}
