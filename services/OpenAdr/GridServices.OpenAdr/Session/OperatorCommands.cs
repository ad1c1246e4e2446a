using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;

namespace GridServices.OpenAdr.Session;

/// <summary>What people order.</summary>
internal static class OperatorCommands
{
    public static void Execute(StepContext context, VenInput.OperatorAction order)
    {
        var action = order.Action;
        var registered = context.State.Registration is not null;
        switch (action)
        {
            case VenAction.QueryRegistration:
                EnqueueOnce(context, new PendingRequest.QueryRegistration());
                break;
            case VenAction.Register or VenAction.Reregister when !registered:
                context.State = context.State with { Plan = new RegistrationPlan { Queried = context.State.Plan.Queried, EndedAt = context.State.Plan.EndedAt } };
                break;
            case VenAction.Register or VenAction.Reregister:
                // A person breaks the circle.
                context.State = context.State with { Plan = context.State.Plan with { Circles = 0, CircledAt = null }, Owed = WithoutPersonsCancellation(context.State) };
                EnqueueOnce(context, new PendingRequest.Register(Again: action == VenAction.Reregister));
                break;
            case VenAction.Resend:
                Delivery.Resend(context);
                break;
            case VenAction.CancelRegistration when !registered:
                context.State = context.State with { Plan = context.State.Plan with { Paused = true } };
                break;
            case VenAction.CancelRegistration:
                EnqueueOnce(context, new PendingRequest.CancelRegistration());
                break;
            case var _ when !registered:
                context.Warn(NoteKind.MessageIgnored, null, "That needs a registration; register the VEN first.");
                break;
            case VenAction.RequestEvents:
                EnqueueOnce(context, new PendingRequest.RequestEvents());
                break;
            case VenAction.PublishMetadata:
                EnqueueOnce(context, new PendingRequest.PublishMetadata(null));
                break;
            case VenAction.RequestVtnMetadata:
                if (order.Rides)
                {
                    context.Inform(NoteKind.ReportRequested, "The request waits for METADATA of the VTN and goes with the answer to it.");
                }

                EnqueueOnce(context, new PendingRequest.RequestVtnMetadata { ReportBack = order.ReportBack, Rides = order.Rides });
                break;
            case VenAction.CancelVtnMetadata when VtnReports.Withdraw(context):
                EnqueueOnce(context, new PendingRequest.CancelVtnMetadata());
                break;
        }

        context.State = context.State with { Link = context.State.Link with { QuietUntil = null } };
    }

    /// <summary>The VTN is told that the VEN leaves it; a cancellation that a person wants stays theirs.</summary>
    public static void Leave(StepContext context)
    {
        if (context.State.Owed.FirstOrDefault(o => o is PendingRequest.CancelRegistration) is { } owed)
        {
            context.Replace(owed, owed.WithoutHistory());
        }
        else if (context.State.Registration is not null)
        {
            context.Enqueue(new PendingRequest.CancelRegistration { IsFarewell = true });
        }

        context.State = context.State with { Link = context.State.Link with { QuietUntil = null } };
    }

    /// <summary>What was not stored did not happen: a farewell that is still to be said is not said.</summary>
    public static void Stay(StepContext context)
    {
        if (context.State.Owed.Any(o => o is PendingRequest.CancelRegistration { IsFarewell: true }))
        {
            context.State = context.State with { Owed = context.State.Owed.Where(o => o is not PendingRequest.CancelRegistration { IsFarewell: true }).ToValueList() };
            context.Warn(NoteKind.Configuration, null, "The VEN was to leave its VTN, which could not be stored: it stays.");
        }
    }

    /// <summary>New configuration: another VTN or name means another registration, other report channels mean METADATA anew.</summary>
    public static void Reconfigure(StepContext context, VenConfig? previous)
    {
        if (previous is null)
        {
            return;
        }

        var config = context.Config;
        var isMeasuredAnew = ChangedChannels.Apply(context, previous);
        if (config.NeedsNewRegistration(previous))
        {
            RegistrationRules.Erase(context);
            context.Inform(NoteKind.Configuration, "The VTN, the name or the venID changed: registering anew.");
            return;
        }

        EventMeaning.ReevaluateAll(context, previous);
        if (context.State.Registration is not null && GetAnnounced(previous) != GetAnnounced(config))
        {
            // OpenADR 2.0b rule 402: the VTN learns of another transport, and of signatures, by a registration with the IDs in force.
            EnqueueOnce(context, new PendingRequest.Register(Again: true));
            EnqueueOnce(context, new PendingRequest.RequestEvents());
            context.State = context.State with { Link = new LinkState() };
            context.Inform(NoteKind.Configuration, "The transport, its address or profile.signatures changed: registering again with the same IDs.");
        }

        // OpenADR 2.0b rule 306: METADATA tells all capabilities there are, so it is told again when they change.
        else if (context.State.Registration is not null && (isMeasuredAnew || !previous.Reports.SequenceEqual(config.Reports)))
        {
            PublishChannels(context, previous, isMeasuredAnew);
        }
    }

    // What is only added leaves the reports that run as true as they were, and METADATA would end them.
    private static void PublishChannels(StepContext context, VenConfig previous, bool isMeasuredAnew)
    {
        if (isMeasuredAnew || context.State.Reports.Count == 0 || !previous.Reports.All(context.Config.Reports.Contains))
        {
            EnqueueOnce(context, new PendingRequest.PublishMetadata(null));
        }
        else if (context.Config.Reports.Except(previous.Reports).Select(r => r.RId).ToList() is { Count: > 0 } added)
        {
            context.Warn(NoteKind.Configuration, null, $"The VTN does not know these channels yet: {string.Join(", ", added)}. METADATA tells them but ends the reports that run, so that the VTN has to ask anew (POST actions/publish-metadata).");
        }
    }

    // What oadrCreatePartyRegistration says besides names.
    private static (VenTransport, string?, bool) GetAnnounced(VenConfig config) => (config.Transport, config.TransportAddress, config.Profile.Signatures != SignatureMode.Off);

    // The last word of people counts.
    private static ValueList<PendingRequest> WithoutPersonsCancellation(VenState state) =>
        state.Owed.Any(o => o is PendingRequest.CancelRegistration { IsFarewell: false })
            ? state.Owed.Where(o => o is not PendingRequest.CancelRegistration { IsFarewell: false }).ToValueList()
            : state.Owed;

    private static void EnqueueOnce(StepContext context, PendingRequest item)
    {
        // Ordered anew, what waits or is parked is sent now.
        if (context.State.Owed.FirstOrDefault(o => RepeatedRequests.AreEquivalent(o, item)) is { } owed)
        {
            context.Replace(owed, owed is PendingRequest.RequestVtnMetadata ? owed.WithoutHistory() : Delivery.Dated(context, item));
        }
        else
        {
            context.Enqueue(item);
        }
    }
}
