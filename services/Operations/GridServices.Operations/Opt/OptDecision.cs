using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>A person's choice for one event; it stays theirs until a person changes it.</summary>
public sealed record OptChoice(EventOpt Opt, OptReason Reason, string? Text, Stamp Stamp);

/// <summary>An event as far as opting goes.</summary>
/// <param name="EventId">The utility's id.</param>
/// <param name="From">Start, included.</param>
/// <param name="Until">End, excluded; null = open-ended.</param>
public sealed record OptEvent(string EventId, Instant From, Instant? Until);

/// <summary>Whose word an opt is, strongest first.</summary>
public enum OptBasis
{
    Person,
    Plan,
    Policy,
}

/// <summary>What is answered to one event for one enrollment, and why.</summary>
public sealed record OptDecision
{
    /// <summary><see cref="EventOpt.NotAsked"/>: a person has to decide.</summary>
    public required EventOpt Opt { get; init; }

    public required OptBasis Basis { get; init; }

    /// <summary>For the protocol; null with a policy.</summary>
    public OptReason? Reason { get; init; }

    public string? Text { get; init; }

    /// <summary>Who chose or planned it; null with a policy.</summary>
    public Stamp? Stamp { get; init; }

    public string? PlanId { get; init; }

    /// <summary>The first that there is of: the person's choice for this event, the plan that touches it, the enrollment's policy.</summary>
    /// <param name="optEvent">The event; it may have become known just now.</param>
    /// <param name="enrollment">For whom.</param>
    /// <param name="choice">A person's choice for this event; null = none.</param>
    /// <param name="plans">Plans of the site; those of other enrollments are left out.</param>
    public static OptDecision Decide(OptEvent optEvent, Enrollment enrollment, OptChoice? choice, IEnumerable<OptPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(optEvent);
        ArgumentNullException.ThrowIfNull(enrollment);
        if (choice is not null)
        {
            return new OptDecision { Opt = choice.Opt, Basis = OptBasis.Person, Reason = choice.Reason, Text = choice.Text, Stamp = choice.Stamp };
        }

        return OptPlans.For(optEvent, enrollment, plans) is { } plan
            ? new OptDecision
            {
                Opt = plan.Direction == OptDirection.Out ? EventOpt.Out : EventOpt.In,
                Basis = OptBasis.Plan,
                Reason = plan.Reason,
                Text = plan.Text,
                Stamp = plan.Updated,
                PlanId = plan.Id,
            }
            : ByPolicy(enrollment.OptPolicy);
    }

    private static OptDecision ByPolicy(OptPolicy policy) => new()
    {
        Opt = policy switch
        {
            OptPolicy.Auto => EventOpt.In,
            OptPolicy.Never => EventOpt.Out,
            _ => EventOpt.NotAsked,
        },
        Basis = OptBasis.Policy,
    };
}
