using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Submission;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>What is planned, per settlement period: baseline and availability as they are submitted, and the energy ahead.</summary>
internal static class PlanEndpoints
{
    private const string Json = "application/json";

    public static void MapPlans(this IEndpointRouteBuilder routes)
    {
        var contracts = routes.MapGroup("/v1/contracts/{contractId}").RequirePermission(Permission.SeeSites).WithTags("Plans");
        contracts.MapGet("/plan", AheadAsync).WithName("getPlan")
            .WithSummary("Baseline, availability and energy per settlement period ahead, and what is lost by what will be missing")
            .WithDescription(
                "The periods that begin after now and before `until` (by default within four hours, at most two days). Each is decided 65 minutes before it begins: from then on `decidedAt` stands, and baseline and availability do not change; its money goes on as things stand: what is declared later still costs. "
                + "The others are forecasts, along the planned baseline and with nothing delivered until then. `shortage` says it in a line: short from when, and what is missing. Money: price × quantity × procured time; `penalty` is what the contract's `penalties` take beyond it. "
                + "`format=csv` gives the periods as a table, to be submitted.")
            .Explains("until", "End, exclusive, RFC 3339 in UTC; absent = within four hours; at most two days ahead.")
            .Explains("format", "json (default) or csv.")
            .Produces<PlanAnswer>(StatusCodes.Status200OK, Json, FileEndpoints.Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode);
        contracts.MapGet("/plans", DecidedAsync).WithName("listDecidedPlans")
            .WithSummary("What was decided for the settlement periods that begin in [from, until), as it was decided; by default the last day")
            .WithDescription("To be held against `availability` and `performance` of the same periods. `submissions`: where plans are submitted (setting `Submission:Url`), how that of each stands. Stays readable after the contract.")
            .Explains("format", "json (default) or csv.")
            .Produces<DecidedPlansAnswer>(StatusCodes.Status200OK, Json, FileEndpoints.Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode);
    }

    private static async Task<IResult> AheadAsync(
        string contractId, string? until, string? format, HttpContext http, PoolHost host, PoolTable table, PlanStore plans, MonotonicClock monotonic, IClock clock)
    {
        var (id, settings) = http.GetContract(host, contractId);
        var now = clock.GetCurrentInstant();
        var end = EntryAccess.Until(until, now, Duration.FromHours(4), Duration.FromDays(2));
        var (pool, index) = table.GetPool(id);
        var decided = (await plans.FindAsync(id, now, end, http.RequestAborted)).ToDictionary(p => p.From);
        var planned = AvailabilityPlan.Compute(pool.Spec, pool.Spec.Contracts[index], pool.View().State, now, monotonic.Nanos, end);
        var periods = planned.Select(p => decided.TryGetValue(p.From, out var stands) ? AvailabilityPlan.AsThingsStand(stands, p) : p).ToList();
        var worst = planned.Select(p => decided.TryGetValue(p.From, out var stands) ? AvailabilityPlan.Worst(stands, p) : p).ToList();
        return EntryAccess.IsCsv(format)
            ? FileEndpoints.Table(RecordCsv.Plan(periods))
            : Results.Ok(new PlanAnswer(id.Key, settings.Price?.Currency, AvailabilityPlan.Shortage(worst), periods.Sum(p => p.PaymentLost ?? 0), periods)
            {
                Penalties = settings.Penalties is { } terms ? new PenaltyForecast(periods.Sum(p => p.Penalty ?? 0), terms.Source, terms.Certainty) : null,
            });
    }

    private static async Task<IResult> DecidedAsync(string contractId, string? from, string? until, string? format, HttpContext http, PoolHost host,
        FrequencyStore entries, PlanStore plans, SubmissionStore submissions, IClock clock)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var (begin, end) = EntryAccess.Span(from, until, clock.GetCurrentInstant());
        EntryAccess.RequireSpan(begin, end);
        var periods = await plans.FindAsync(id, begin, end, http.RequestAborted);
        return EntryAccess.IsCsv(format) ? FileEndpoints.Table(RecordCsv.Plan(periods)) : Results.Ok(new DecidedPlansAnswer(id.Key, begin, end, periods)
        {
            Submissions = await submissions.FindAsync(id, begin, end, http.RequestAborted) is { Count: > 0 } told ? told : null,
        });
    }
}

/// <summary>What is planned of a contract.</summary>
/// <param name="ContractId">Its name.</param>
/// <param name="Currency">Of the money; absent without a price.</param>
/// <param name="Shortage">The first stretch in which something will be missing; absent where nothing will be.</param>
/// <param name="PaymentLost">What is lost in all the periods, as things stand.</param>
/// <param name="Periods">In order.</param>
public sealed record PlanAnswer(string ContractId, string? Currency, string? Shortage, decimal PaymentLost, IReadOnlyList<PlannedPeriod> Periods)
{
    /// <summary>What is taken beyond it; absent where the contract states no penalties.</summary>
    public PenaltyForecast? Penalties { get; init; }
}

/// <summary>What the contract's penalties come to.</summary>
/// <param name="Amount">In all the periods, as things stand, in the plan's currency.</param>
/// <param name="Source">Where the terms say so.</param>
/// <param name="Certainty">How well they are known.</param>
public sealed record PenaltyForecast(decimal Amount, string Source, Certainty Certainty);

/// <summary>Plans as they were decided.</summary>
public sealed record DecidedPlansAnswer(string ContractId, Instant From, Instant Until, IReadOnlyList<PlannedPeriod> Periods)
{
    /// <summary>How the submission of each stands, where Submission:Url is set; absent: nothing was tried.</summary>
    public IReadOnlyList<PlanSubmission>? Submissions { get; init; }
}
