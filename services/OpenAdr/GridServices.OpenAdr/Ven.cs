using GridServices.OpenAdr.Envelopes;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
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
        if (state.Link.QuietUntil is { } quiet && Agenda.IsAhead(quiet, now, config.MaxBackOff))
        {
            return new VenNext.WaitUntil(quiet);
        }

        var agenda = Agenda.At(config, state, now);
        return agenda.Due is { } due ? Requests.For(config, state, due, now) : new VenNext.WaitUntil(agenda.WakeAt);
    }

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static EngineStep<VenState, NoteKind> Apply(VenConfig config, VenState state, VenInput input, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var turn = new Turn(config, state, now, new SeededRandom(seed));

        // Before, so that an event whose time ran out between two messages is unknown to the second; after, for what the message ended at once.
        EventLedger.Forget(turn);
        Delivery.Forget(turn);
        TakeIn(turn, input);
        Line.NotePoll(turn, input);
        EventLedger.Forget(turn);

        var publications = Publishing.Of(turn, state, input);
        var after = turn.State == state ? state : turn.State;
        return new EngineStep<VenState, NoteKind>(after, publications, turn.Notes, MustStore: !after.SameButLink(state));
    }

    private static void TakeIn(Turn turn, VenInput input)
    {
        switch (input)
        {
            case VenInput.ReplyReceived reply:
                Conversation.Take(turn, reply);
                break;
            case VenInput.ReplyRefused refused:
                Line.Unreadable(turn, refused);
                break;
            case VenInput.ReplyEmpty empty:
                Conversation.TakeEmpty(turn, empty);
                break;
            case VenInput.TransportFailed failed:
                Line.Failed(turn, failed);
                break;
            case VenInput.OperatorAction { Action: var action }:
                Operator.Do(turn, action);
                break;
            case VenInput.OptChosen choice:
                EventOpt.Choose(turn, choice);
                break;
            case VenInput.ReadingsArrived { Readings: var readings }:
                ReportBuffer.Take(turn, readings);
                break;
            case VenInput.ConfigChanged { Previous: var previous }:
                Operator.Reconfigure(turn, previous);
                break;
            case VenInput.Removed:
                RegistrationRules.Erase(turn);
                turn.State = turn.State with { Choices = [], Refused = [] };
                break;
        }
    }
}
