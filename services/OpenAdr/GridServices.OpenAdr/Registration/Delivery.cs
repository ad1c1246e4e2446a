using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>
/// What becomes of a message that the VTN does not take. It waits for itself alone, so that it holds up neither polls nor other messages; when the
/// VTN takes others meanwhile, it is parked with an alarm.
/// </summary>
/// <remarks>
/// <code>
///   fresh ──fails──▶ 1, 2, 4 s … maxBackOff ──fifth time──▶ parked ──▶ each hour for a day, a person's "resend", or a later answer in its place
///                         └── third time, several events: one message for each
/// </code>
/// </remarks>
internal static class Delivery
{
    /// <summary>Failures after which a message is parked, if the VTN took others meanwhile.</summary>
    public const int FailuresAllowed = 5;

    /// <summary>Failures after which an answer about several events is sent event by event: one of them may be what the VTN chokes on.</summary>
    private const int FailuresInOnePiece = 3;

    /// <summary>Messages kept for a VTN that takes none; an event each, and then some.</summary>
    private const int MostOwed = 1024;

    private static readonly Duration ParkedPause = Duration.FromHours(1);
    private static readonly Duration ParkedRetries = Duration.FromDays(1);
    private static readonly Duration ParkedFor = Duration.FromDays(7);

    /// <summary>The item behind what is owed; what it says anew is taken out of older messages that the VTN has not taken.</summary>
    public static void Owe(Turn turn, Owed item)
    {
        var owed = turn.State.Owed.Count == 0 ? [item] : SaidAgain.Merge(turn.State.Owed, item, turn.Now + turn.Config.MaxBackOff).ToList();
        while (owed.Count > MostOwed)
        {
            var oldest = owed.FindIndex(o => o.ParkedAt is not null) is var parked and >= 0 ? parked : owed.FindIndex(o => o is not Owed.Register);
            owed.RemoveAt(oldest);
        }

        turn.State = turn.State with { Owed = owed.ToValueList() };
    }

    /// <summary>The VTN did not take it. It waits, is split, or is parked.</summary>
    /// <param name="turn">The step.</param>
    /// <param name="item">As it was sent.</param>
    /// <param name="failure">What became of it.</param>
    /// <param name="pause">Before it is sent again.</param>
    public static void Failed(Turn turn, Owed item, Failure failure, Duration pause)
    {
        var failing = item with
        {
            Refusals = item.Refusals + 1,
            FailedSince = item.FailedSince ?? turn.Now,
            NotBefore = turn.Now + pause,
            TimedOut = failure.IsTimeout,
            Problem = failure.What,
        };
        if (item.ParkedAt is { } since)
        {
            turn.Replace(item, failing with { NotBefore = failure.IsFinal || turn.Now - since >= ParkedRetries ? null : turn.Now + ParkedPause });
            return;
        }

        // Registering is what the VEN is there for: it goes on, slowly.
        var othersAreTaken = turn.State.Link.HeardAt >= failing.FailedSince;
        if (item is Owed.Register || !(failure.IsFinal || (othersAreTaken && failing.Refusals >= FailuresInOnePiece)))
        {
            Wait(turn, item, failing);
        }
        else if (item is Owed.AnswerEvents { Responses.Count: > 1 } several)
        {
            Split(turn, several, failing);
        }
        else if (failure.IsFinal || failing.Refusals >= FailuresAllowed)
        {
            Park(turn, item, failing, failure.IsFinal);
        }
        else
        {
            Wait(turn, item, failing);
        }
    }

    /// <summary>A person wants everything sent now that the VTN has not taken so far.</summary>
    public static void Resend(Turn turn)
    {
        var stuck = turn.State.Owed.Where(o => o.Fresh() != o && o is not Owed.Register).ToList();
        if (stuck.Count > 0)
        {
            turn.State = turn.State with { Owed = turn.State.Owed.Select(o => o is Owed.Register ? o : o.Fresh()).ToValueList() };
        }

        if (turn.State.Reports.Any(r => r.NotBefore is not null))
        {
            turn.State = turn.State with { Reports = turn.State.Reports.Select(r => r with { NotBefore = null }).ToValueList() };
        }

        turn.Inform(NoteKind.MessageSentAgain, stuck.Count == 0
            ? "There is no message that the VTN has not taken."
            : $"A person has these sent again: {string.Join("; ", stuck.Take(10).Select(OwedText.Of))}.");
    }

    /// <summary>Drops what has been parked for a week.</summary>
    public static void Forget(Turn turn)
    {
        if (turn.State.Owed.Any(o => o.ParkedAt + ParkedFor <= turn.Now))
        {
            turn.State = turn.State with { Owed = turn.State.Owed.Where(o => !(o.ParkedAt + ParkedFor <= turn.Now)).ToValueList() };
        }
    }

    /// <summary>The VTN took it: said where it had not before.</summary>
    public static void Taken(Turn turn, Owed item)
    {
        if (item.Refusals > 0 && item is not (Owed.Poll or Owed.Register or Owed.QueryRegistration))
        {
            turn.Inform(NoteKind.MessageSentAgain, $"The VTN took {OwedText.Of(item)} after {item.Refusals} tries in vain.");
        }
    }

    private static void Wait(Turn turn, Owed item, Owed failing)
    {
        if (turn.Replace(item, failing) && failing.Refusals == 1)
        {
            turn.Warn(NoteKind.MessageRefused, ErrorClass.Unavailable, $"The VTN did not take {OwedText.Of(item)}: {failing.Problem}. It is tried again; everything else goes on.");
        }
    }

    // OpenADR 2.0b rule 12 would have one message, and rule 19 wants the good events answered whatever becomes of the others.
    private static void Split(Turn turn, Owed.AnswerEvents several, Owed failing)
    {
        var parts = several.Responses.Select(r => (Owed)new Owed.AnswerEvents(several.Response, [r]) { NotBefore = failing.NotBefore, TimedOut = failing.TimedOut });
        turn.State = turn.State with { Owed = turn.State.Owed.SelectMany(o => o == several ? parts : [o]).ToValueList() };
        turn.Warn(NoteKind.MessageRefused, ErrorClass.Unavailable, $"The VTN does not take {OwedText.Of(several)}: {failing.Problem}. Each event is answered in a message of its own.");
    }

    private static void Park(Turn turn, Owed item, Owed failing, bool final)
    {
        if (item is Owed.QueryRegistration)
        {
            turn.Settle(item);
            turn.State = turn.State with { Plan = turn.State.Plan with { Queried = true } };
        }
        else
        {
            turn.Replace(item, failing with { ParkedAt = turn.Now, NotBefore = final ? null : turn.Now + ParkedPause });
        }

        var why = final ? $"the VTN answered {failing.Problem}, so it must not be sent again unchanged" : $"{failing.Refusals} times in vain ({failing.Problem}) while the VTN takes other messages";
        turn.Alarm(
            NoteKind.MessageGivenUp,
            ErrorClass.Unavailable,
            $"{OwedText.Of(item)} is parked: {why}. Everything else goes on. Tell the VTN's operator; POST actions/resend sends it again.",
            OwedText.EventsOf(item) is [var only] ? only : null);
    }
}
