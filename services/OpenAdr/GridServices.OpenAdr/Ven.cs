using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Envelopes;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Session;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>A virtual end node of OpenADR 2.0b: state and input in, new state, publications and the next request out. No I/O, no clock, no dice.</summary>
/// <remarks>
/// <code>
///   ┌─▶ Next ──request──▶ (shell: encode, post, decode) ──reply──▶ Apply ──▶ state + publications, one transaction ──┐
///   └────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// A crash anywhere repeats the request with the same requestID: what is owed leaves the state only when its reply was applied.
/// </remarks>
public static class Ven
{
    /// <summary>What to do now: one request, or wait. Depends on its arguments alone.</summary>
    public static VenNext Next(VenConfig config, VenState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        if (state.Link.QuietUntil is { } quiet && RequestScheduler.IsAhead(quiet, now, config.MaxBackOff))
        {
            return new VenNext.WaitUntil(Instant.Min(quiet, DueByClock(config, state, now)));
        }

        if (SeenNonces.QuietUntil(config, state, now) is { } start)
        {
            return new VenNext.WaitUntil(start);
        }

        var agenda = RequestScheduler.At(config, state, now);
        return agenda.Due is { } due ? Requests.For(config, state, due, now) : new VenNext.WaitUntil(Instant.Min(agenda.WakeAt, DueByClock(config, state, now)));
    }

    // What a tick settles, though nothing is to be said to the VTN.
    private static Instant DueByClock(VenConfig config, VenState state, Instant now) =>
        Instant.Min(ReportClock.DueAt(state, now), Instant.Min(PresentLoads.GetWaitingEnd(config, state, now), Recoveries.OverAt(config, state)));

    /// <summary>Keys of all streams that a VEN of this configuration may publish, those of test events among them.</summary>
    public static IEnumerable<string> GetStreams(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return StreamView.Keys(config);
    }

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static EngineStep<VenState, NoteKind> Apply(VenConfig config, VenState state, VenInput input, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var context = new StepContext(config, state, now, new SeededRandom(seed));

        // Before, so that an event whose time ran out between two messages is unknown to the second; after, for what the message ended at once.
        EventLedger.Prune(context);
        Delivery.PruneParked(context);
        ReportClock.ReplanAhead(context);
        HandleReply(context, input);
        LinkPolicy.NotePoll(context, input);
        EventLedger.Prune(context);
        if (input is VenInput.Tick)
        {
            // Nothing waits in front of a tick: readings that came while a request hung are taken in by now.
            PresentLoads.EndWaiting(context);
        }

        // Nobody runs a deleted VEN, so nothing would end what came back step by step.
        if (input is not VenInput.Removed)
        {
            Recoveries.Update(context, state);
        }

        PendingOpts.Update(context);
        EventMeaning.EndLostLimits(context);

        var publications = Publishing.CreatePublications(context, state, input);
        var after = context.State == state ? state : context.State;
        return new EngineStep<VenState, NoteKind>(after, publications, context.Notes, MustStore: !after.EqualsExceptLink(state));
    }

    private static void HandleReply(StepContext context, VenInput input)
    {
        switch (input)
        {
            case VenInput.ReplyReceived reply when SeenNonces.Refusal(context, reply) is { } repeated:
                SeenNonces.Refuse(context, reply, repeated);
                break;
            case VenInput.ReplyReceived reply:
                ReplyHandler.Handle(context, reply);
                break;
            case VenInput.ReplyRefused refused:
                LinkPolicy.Unreadable(context, refused);
                break;
            case VenInput.ReplyEmpty empty:
                ReplyHandler.HandleEmpty(context, empty);
                break;
            case VenInput.TransportFailed failed:
                LinkPolicy.Failed(context, failed);
                break;
            case VenInput.MessagePushed { IsSentAgain: true, Stamp: { } stamp } when SeenNonces.IsKept(context, stamp):
                // It was done while its sender was told to try again: it gets its answer, and nothing is done twice.
                break;
            case VenInput.MessagePushed pushed when SeenNonces.Refusal(context, pushed) is { } repeated:
                SeenNonces.Refuse(context, pushed, repeated);
                break;
            case VenInput.MessagePushed pushed:
                PushHandler.Handle(context, pushed);
                break;
            case VenInput.PushRefused refused:
                PushHandler.Refused(context, refused);
                break;
            case VenInput.PushMissed:
                PushHandler.Missed(context);
                break;
            case VenInput.AnswerLost:
                LostAnswers.RequestLost(context);
                break;
            case VenInput.OperatorAction action:
                OperatorCommands.Execute(context, action);
                break;
            case VenInput.Leaving:
                OperatorCommands.Leave(context);
                break;
            case VenInput.Stays:
                OperatorCommands.Stay(context);
                break;
            case VenInput.OptChosen choice:
                EventOpt.Choose(context, choice);
                break;
            case VenInput.OptWanted wanted:
                OptLedger.Create(context, wanted);
                break;
            case VenInput.OptWithdrawn withdrawn:
                OptLedger.Cancel(context, withdrawn);
                break;
            case VenInput.ReadingsArrived { Readings: var readings }:
                ReportBuffer.Process(context, readings);
                PresentLoads.Process(context, readings);
                break;
            case VenInput.PastFetched fetched:
                History.Process(context, fetched);
                break;
            case VenInput.ConfigChanged { Previous: var previous }:
                SeenNonces.Reconfigure(context, previous);
                OperatorCommands.Reconfigure(context, previous);
                break;
            case VenInput.Removed:
                RegistrationRules.Erase(context);
                context.State = context.State with { Choices = [], Refused = [], Opts = [], PushAnswers = [], Recovering = [], Former = null };
                break;
        }
    }
}
