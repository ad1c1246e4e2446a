using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>Where an opt plan stands at the utility, for one enrollment.</summary>
public sealed record OptScheduleItem
{
    public required string EnrollmentId { get; init; }
    public required string SiteId { get; init; }
    public required string VenKey { get; init; }

    /// <summary>The program at the utility; absent: the VEN's only one.</summary>
    public string? MarketContext { get; init; }

    /// <summary>Its name at the OpenAdr service and at the VTN; absent: it is not there yet.</summary>
    public string? OptId { get; init; }

    public required OptScheduleState State { get; init; }
    public required Instant StateSince { get; init; }

    /// <summary>Why it stands so: the VTN's code and words, or the service's.</summary>
    public string? Problem { get; init; }

    public required OptDirection Direction { get; init; }

    /// <summary>As it is told; x-schedule where its plans give several reasons.</summary>
    public required OptReason Reason { get; init; }

    /// <summary>All spans of the schedule, those of other plans too; half-open.</summary>
    public required IReadOnlyList<OptSpan> Spans { get; init; }

    internal static OptScheduleItem From(OptSchedule schedule) => new()
    {
        EnrollmentId = schedule.Target.EnrollmentId,
        SiteId = schedule.Target.SiteId,
        VenKey = schedule.Target.VenKey,
        MarketContext = schedule.Target.MarketContext,
        OptId = schedule.OptId,
        State = schedule.State,
        StateSince = schedule.StateSince,
        Problem = schedule.Problem,
        Direction = schedule.Direction,
        Reason = schedule.Reason,
        Spans = schedule.Spans,
    };
}

/// <summary>The opt schedules that opt plans became.</summary>
internal static class OptScheduleEndpoints
{
    internal static void MapOptSchedules(this IEndpointRouteBuilder app, EntityEndpoints<OptPlan, OptPlanBody> plans) =>
        app.MapGet("/v1/opt-plans/{id}/schedules", async (string id, HttpContext http, OptScheduleStore schedules) =>
            {
                var plan = await plans.RequireAsync(http, id, UserPermission.SeeSites);
                return OperationsWire.Answer((await schedules.ListByPlanAsync(plan.Tenant, plan.Id, http.RequestAborted)).Select(OptScheduleItem.From).ToList());
            })
            .Needs(UserPermission.SeeSites).WithTags("Opt plans").WithName("getOptPlanSchedules").WithSummary("The opt schedules that the plan became, and where each stands")
            .WithDescription("One for each enrollment whose program wants opt schedules: unsent, waiting (for the VTN), held, or refused with the VTN's words. Empty where no program wants them: the plan is then applied event by event.")
            .Produces<IReadOnlyList<OptScheduleItem>>();
}
