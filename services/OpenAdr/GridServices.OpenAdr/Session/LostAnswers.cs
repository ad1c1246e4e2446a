using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Session;

/// <summary>
/// A poll takes out of the VTN's queue what its answer tells. Where the answer was lost, the VTN holds it for told, and what can be asked for is asked for.
/// </summary>
/// <remarks>
/// <code>
///   lost in the answer            brought back by
///   oadrDistributeEvent           oadrRequestEvent
///   oadrCreateReport              METADATA, as long as no report runs: it would end those that do (OpenADR 2.0b rule 306)
///   oadrCancelReport              the VTN itself, which goes on getting the report: 452 to it, or the cancellation again
///   oadrCancelPartyRegistration   463 or 452 to the next poll
///   oadrRequestReregistration     the VTN alone, which has had neither oadrResponse nor a registration
/// </code>
/// Every other request is owed until its answer was applied, and made again.
/// </remarks>
internal static class LostAnswers
{
    /// <summary>A poll failed. Asked for is what it may have told once a poll is answered again: until then the VTN would answer nothing else either.</summary>
    public static void Note(StepContext context)
    {
        if (!context.State.Link.AnswerLost)
        {
            context.State = context.State with { Link = context.State.Link with { AnswerLost = true } };
        }
    }

    /// <summary>A poll was answered.</summary>
    public static void PollHeard(StepContext context)
    {
        if (!context.State.Link.AnswerLost)
        {
            return;
        }

        context.State = context.State with { Link = context.State.Link with { AnswerLost = false } };
        if (context.State.Registration is null)
        {
            return;
        }

        context.Warn(NoteKind.MessageIgnored, ErrorClass.Unavailable, $"An earlier answer to a poll was lost, and what was in it with it: the VTN is asked for its events.{Runs(context.State)}");
        RequestEvents(context);
        RequestReports(context);
    }

    // One that is parked waits for an hour or for a person: what was lost just now is a new reason to ask, and that goes out within the longest pause.
    private static void RequestEvents(StepContext context)
    {
        var soonest = context.Now + context.Config.MaxBackOff;
        switch (context.State.Owed.FirstOrDefault(o => o is PendingRequest.RequestEvents))
        {
            case null:
                context.Enqueue(new PendingRequest.RequestEvents());
                break;
            case { ParkedAt: not null } parked when parked.NotBefore is not { } at || at > soonest:
                context.Replace(parked, parked with { NotBefore = soonest });
                break;
        }
    }

    /// <summary>An exchange was cut, failed in here, or the process may have died amid one.</summary>
    public static void RequestLost(StepContext context)
    {
        // The VTN may have a request under the number that is next: what goes first now is another one (profile section 9.1.7).
        context.State = context.State with { Requests = context.State.Requests + 1 };
        if (context.State.Registration is not null)
        {
            OperatorCommands.Execute(context, new VenInput.OperatorAction(VenAction.RequestEvents));
            RequestReports(context);
        }
    }

    // OpenADR 2.0b rules 301, 306: METADATA at any time, and the VTN asks anew. What it pushed and got no answer to, it knows to be undelivered.
    private static void RequestReports(StepContext context)
    {
        if (context.Config is { Transport: VenTransport.Pull, Reports.Count: > 0 } && !HasReports(context.State) && !context.State.Owed.Any(o => o is PendingRequest.PublishMetadata))
        {
            context.Enqueue(new PendingRequest.PublishMetadata(null));
        }
    }

    private static bool HasReports(VenState state) => state.Reports.Count + state.Metadata.Count > 0;

    private static string Runs(VenState state) => HasReports(state)
        ? " Should it have asked for a report, or taken one back, it has to say so again; METADATA would let it ask anew, but ends the reports that run (POST actions/publish-metadata)."
        : string.Empty;
}
