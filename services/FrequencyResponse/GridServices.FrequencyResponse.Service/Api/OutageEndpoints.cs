using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Outages and de-ratings that an operator declares, ahead or just now.</summary>
internal static class OutageEndpoints
{
    private const int MaxBody = 16 * 1024;
    private const string Listing = "/v1/contracts/{contractId}/outages";

    public static void MapOutages(this IEndpointRouteBuilder routes)
    {
        var outages = routes.MapGroup(Listing).RequirePermission(Permission.SeeSites).WithTags("Outages");
        outages.MapGet("/", ListAsync).WithName("listOutages").WithSummary("Every declaration of a contract, the cancelled ones too")
            .WithDescription("Stays readable after the contract.").Produces<ListOrPage<OutageView>>();
        outages.MapPut("/{outageId}", PutAsync).RequirePermission(Permission.EditSites).WithName("putOutage").WithSummary("Declare an outage or a de-rating, or change one")
            .WithDescription(
                "`availableW` or `availableMw` is what is left of the contract's quantity from `from` (absent: now) until `until`; 0 is an outage. It is followed, planned and settled from then on: what is declared is not delivered, not available and not paid. "
                + "What is declared with the notice of the contract's `outages.notice` (65 minutes by default) costs nothing more; what is declared later does as `outages.late` says. Time that is declared again, with no more left, keeps its first notice. "
                + "Before it begins everything may change; afterwards what is left and `until` may, from now on. The same again changes nothing. Of several declarations for one time the least counts.")
            .Accepts<OutageBody>("application/json").Produces<OutageView>().Produces<OutageView>(StatusCodes.Status201Created)
            .Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticNumber, ErrorClass.Conflict, ErrorClass.LimitCount).TakesIfMatch().WritesETag();
        outages.MapGet("/{outageId}", GetAsync).WithName("getOutage").WithSummary("A declaration with where it stands").Produces<OutageView>().WritesETag();
        outages.MapDelete("/{outageId}", CancelAsync).RequirePermission(Permission.EditSites).WithName("cancelOutage").WithSummary("Cancel a declaration before it begins")
            .WithDescription("One that has begun is ended by a PUT with `until` = now: what has been stays declared.").Produces(StatusCodes.Status204NoContent)
            .Refuses(ErrorClass.Conflict).TakesIfMatch();
    }

    private static async Task<IResult> ListAsync(
        string contractId, HttpContext http, PoolHost host, FrequencyStore entries, OutageStore store, IClock clock, string? after = null, string? limit = null)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var now = clock.GetCurrentInstant();
        var all = (await store.ListAsync(id, http.RequestAborted)).Select(o => OutageView.Create(o, now)).OrderBy(v => v.OutageId, StringComparer.Ordinal);
        return Paging.Answer(after, limit, all, v => v.OutageId);
    }

    private static async Task<IResult> GetAsync(string contractId, string outageId, HttpContext http, PoolHost host, FrequencyStore entries, OutageStore store, IClock clock)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var outage = await store.FindAsync(id, http.ParseId(outageId).Key, http.RequestAborted) ?? throw Unknown(outageId);
        http.Tag(EntityTags.Compute(outage));
        return Results.Ok(OutageView.Create(outage, clock.GetCurrentInstant()));
    }

    private static async Task<IResult> PutAsync(string contractId, string outageId, HttpContext http, PoolHost host, OutageStore store, ContractPublisher publisher, IClock clock)
    {
        var (id, contract) = http.GetContract(host, contractId);
        var name = http.ParseId(outageId).Key;
        if (StrictJson.Read<OutageBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        // What was over long ago is on disk alone.
        var old = await store.FindAsync(id, name, http.RequestAborted);
        (Outage? Held, Outage? Stated) outcome = default;
        try
        {
            await host.ChangeAsync(
                entries =>
                {
                    var held = entries.GetOutages(id).FirstOrDefault(o => o.Id == name) ?? old;
                    http.RequireMatch(held is null ? null : EntityTags.Compute(held));
                    outcome = (held, OutageRules.State(name, body, held, entries.Contract(id) ?? contract, entries.GetOutages(id), clock.GetCurrentInstant()));
                    return entries.With(id, outcome.Stated!);
                },
                tx => outcome.Held == outcome.Stated ? Task.CompletedTask : OutageStore.SaveAsync(tx, id, outcome.Stated!, clock.GetCurrentInstant()),
                http.RequestAborted,
                stated: id);
        }
        catch (FaultyEntryException e)
        {
            return ConfigProblem.Answer(http, e.Faults);
        }

        await publisher.PublishAllAsync(CancellationToken.None);
        http.Tag(EntityTags.Compute(outcome.Stated));
        var view = OutageView.Create(outcome.Stated!, clock.GetCurrentInstant());
        return outcome.Held is null ? Results.Created($"/v1/contracts/{contractId}/outages/{name}", view) : Results.Ok(view);
    }

    private static async Task<IResult> CancelAsync(string contractId, string outageId, HttpContext http, PoolHost host, ContractPublisher publisher, IClock clock)
    {
        var (id, _) = http.GetContract(host, contractId);
        var name = http.ParseId(outageId).Key;
        Outage? cancelled = null;
        await host.ChangeAsync(
            entries =>
            {
                var held = entries.GetOutages(id).FirstOrDefault(o => o.Id == name) ?? throw Unknown(outageId);
                http.RequireMatch(EntityTags.Compute(held));
                var now = clock.GetCurrentInstant();
                cancelled = held.CancelledAt is not null ? held
                    : now < held.From ? held.EndedAt(now)
                    : throw new ProblemException(ErrorClass.Conflict, $"It began at {TimeText.Format(held.From)}: PUT it with until = now to end it.");
                return entries.With(id, cancelled);
            },
            tx => OutageStore.SaveAsync(tx, id, cancelled!, clock.GetCurrentInstant()),
            http.RequestAborted,
            stated: id);
        await publisher.PublishAllAsync(CancellationToken.None);
        return Results.NoContent();
    }

    private static ProblemException Unknown(string outageId) =>
        new(ErrorClass.NotFound, $"There is no declaration '{SafeText.Line(outageId)}'. GET {Listing} lists those there are.");
}

/// <summary>A declaration, as it is sent.</summary>
public sealed record OutageBody
{
    /// <summary>Begin, inclusive; absent = now, or as it was declared.</summary>
    public Instant? From { get; init; }

    /// <summary>End, exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>What is left of the quantity, W ≥ 0; 0 = an outage. Or <see cref="AvailableMw"/>.</summary>
    public long? AvailableW { get; init; }

    /// <summary>MW; or <see cref="AvailableW"/>.</summary>
    public decimal? AvailableMw { get; init; }

    /// <summary>Why, for the grid operator and the record.</summary>
    public required string Reason { get; init; }
}

/// <summary>Where a declaration stands.</summary>
public enum OutagePhase
{
    /// <summary>It has not begun.</summary>
    Declared,

    /// <summary>It holds now.</summary>
    Running,

    /// <summary>It is over.</summary>
    Ended,

    /// <summary>It was cancelled before it began.</summary>
    Cancelled,
}

/// <summary>A declaration with where it stands.</summary>
public sealed record OutageView
{
    public required string OutageId { get; init; }
    public required OutagePhase State { get; init; }

    /// <summary>Inclusive.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>What is left of the quantity, W; 0 = an outage.</summary>
    public required long AvailableW { get; init; }
    public required string Reason { get; init; }

    /// <summary>When it was stated as it stands.</summary>
    public required Instant StatedAt { get; init; }

    /// <summary>When the first of it was declared; absent where it was cancelled.</summary>
    public Instant? DeclaredAt { get; init; }

    /// <summary>When it was cancelled.</summary>
    public Instant? CancelledAt { get; init; }

    internal static OutageView Create(Outage outage, Instant now) => new()
    {
        OutageId = outage.Id,
        State = outage.CancelledAt is not null ? OutagePhase.Cancelled : now < outage.From ? OutagePhase.Declared : now < outage.Until ? OutagePhase.Running : OutagePhase.Ended,
        From = outage.From,
        Until = outage.Until,
        AvailableW = outage.AvailableW,
        Reason = outage.Reason,
        StatedAt = outage.StatedAt,
        DeclaredAt = outage.Stretches.Select(s => (Instant?)s.DeclaredAt).Min(),
        CancelledAt = outage.CancelledAt,
    };
}
