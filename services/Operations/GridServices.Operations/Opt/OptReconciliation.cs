using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>What an event's opt is at the service now.</summary>
/// <param name="Event">Which event.</param>
/// <param name="Opt">What the utility was last told.</param>
/// <param name="ChangedAt">When that was.</param>
/// <param name="RegisteredAt">When the registration that the utility now knows was made; null = not known.</param>
public sealed record FoundOpt(OptEvent Event, EventOpt Opt, Instant ChangedAt, Instant? RegisteredAt);

/// <summary>An opt to send: <c>PUT /v1/vens/{venKey}/events/{eventId}/opt</c>.</summary>
/// <param name="EventId">Which event.</param>
/// <param name="Opt">In or out.</param>
/// <param name="Reason">The protocol's word.</param>
/// <param name="ReplacesLost">True: the same choice was sent before and did not outlive a registration.</param>
public sealed record OptCommand(string EventId, EventOpt Opt, OptReason Reason, bool ReplacesLost);

/// <summary>A machine changed what a person had chosen; a person decides whether it stays.</summary>
public sealed record OptFlag(string EventId, EventOpt Chosen, EventOpt Found, Instant ChangedAt, Stamp ChosenBy);

/// <summary>What is to be done so that each event is answered as decided.</summary>
public sealed record OptReconciliation(IReadOnlyList<OptCommand> ToSend, IReadOnlyList<OptFlag> Flags)
{
    /// <summary>
    /// Compares decisions with what the utility was told. A choice that was lost by a registration made after it is sent again;
    /// one that was changed without that is flagged and left. Plans are sent whenever they are not what is there.
    /// Policies are the VEN's own, and events that are over are left alone.
    /// </summary>
    public static OptReconciliation Compute(Enrollment enrollment, IEnumerable<FoundOpt> found, IReadOnlyDictionary<string, OptChoice> choices, IReadOnlyCollection<OptPlan> plans, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(choices);
        var (send, flags) = (new List<OptCommand>(), new List<OptFlag>());
        foreach (var there in found.Where(f => f.Event.Until is null || f.Event.Until > now))
        {
            var wanted = OptDecision.Decide(there.Event, enrollment, choices.GetValueOrDefault(there.Event.EventId), plans);
            if (wanted.Opt == there.Opt || wanted is not { Opt: not EventOpt.NotAsked, Stamp: { } chosen, Reason: { } reason })
            {
                continue;
            }

            var isLost = there.RegisteredAt > chosen.At;
            if (wanted.Basis == OptBasis.Plan || isLost || there.ChangedAt <= chosen.At)
            {
                send.Add(new OptCommand(there.Event.EventId, wanted.Opt, reason, isLost));
            }
            else
            {
                flags.Add(new OptFlag(there.Event.EventId, wanted.Opt, there.Opt, there.ChangedAt, chosen));
            }
        }

        return new OptReconciliation(send, flags);
    }
}
