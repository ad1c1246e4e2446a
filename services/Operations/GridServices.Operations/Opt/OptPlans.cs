using GridServices.Operations.Enrollments;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>Which plan speaks for an event, and what is wrong with a plan.</summary>
public static class OptPlans
{
    private static readonly Duration Longest = Duration.FromDays(3 * 366);

    /// <summary>The plan that holds for the event: one of the enrollment itself before one of the whole site, then the one that was last changed; of two at the same moment, out.</summary>
    public static OptPlan? For(OptEvent optEvent, Enrollment enrollment, IEnumerable<OptPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        return For(optEvent, enrollment.Tenant, enrollment.SiteId, enrollment.Id, plans);
    }

    /// <summary>The same, by ids; <paramref name="enrollmentId"/> null = none is known, and plans of the site hold.</summary>
    public static OptPlan? For(OptEvent optEvent, string tenant, string siteId, string? enrollmentId, IEnumerable<OptPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(optEvent);
        return Strongest(plans.Where(p => Overlaps(p, optEvent) && IsFor(p, tenant, siteId, enrollmentId)));
    }

    internal static OptPlan? Strongest(IEnumerable<OptPlan> plans) => plans
        .OrderByDescending(p => p.EnrollmentId is not null)
        .ThenByDescending(p => p.Updated.At)
        .ThenBy(p => p.Direction)
        .ThenBy(p => p.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    internal static bool IsFor(OptPlan plan, string tenant, string siteId, string? enrollmentId) =>
        plan.Tenant == tenant && (plan.EnrollmentId is { } id ? id == enrollmentId : plan.SiteId == siteId);

    /// <summary>What is wrong with a plan that a person made; empty = nothing.</summary>
    public static IReadOnlyList<RequiredAction> Check(OptPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var faults = new List<RequiredAction>();
        Require(plan.SiteId is not null || plan.EnrollmentId is not null, "optPlan.target", "/siteId", "name a site or an enrollment");
        Require(plan.Until > plan.From, "optPlan.span", "/until", "must be after the start");
        Require(plan.Until > now, "optPlan.past", "/until", "is past: no event can touch the plan any more");
        Require(plan.Until <= plan.From || plan.Until - plan.From <= Longest, "optPlan.long", "/until", "is more than three years after the start; change the enrollment's policy instead");
        return faults;

        void Require(bool holds, string code, string pointer, string text)
        {
            if (!holds)
            {
                faults.Add(RequiredActions.Action(code, pointer, text));
            }
        }
    }

    // Half-open on both sides: a plan that ends when the event starts does not touch it. An event without length touches at its start.
    private static bool Overlaps(OptPlan plan, OptEvent optEvent) =>
        plan.From < (optEvent.Until is { } end && end > optEvent.From ? end : optEvent.Until is null ? Instant.MaxValue : optEvent.From + Duration.Epsilon)
        && optEvent.From < plan.Until;
}
