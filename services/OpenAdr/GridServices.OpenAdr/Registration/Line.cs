using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>The line to the VTN: polling rhythm, failures, back-off.</summary>
internal static class Line
{
    /// <summary>Unusable replies to one message after which it is given up.</summary>
    private const int RefusalsAllowed = 5;

    /// <summary>Failures in a row after which a poll that is due goes before what is owed.</summary>
    public const int PollsFirstAfter = 5;

    /// <summary>Messages taken from the queue in one go before the VEN pauses for a poll interval.</summary>
    private const int DrainAtMost = 100;

    private static readonly Duration FirstPause = Duration.FromSeconds(1);
    private static readonly Duration DefaultPollInterval = Duration.FromSeconds(10);

    /// <summary>
    /// The pause between polls of an empty queue: the VTN's wish, or longer when the configuration wants it so (OpenADR 2.0b rule 501).
    /// </summary>
    public static Duration PollInterval(VenConfig config, VenRegistration? registration)
    {
        var wish = registration?.PollFrequency;
        var own = config.PollInterval ?? wish ?? DefaultPollInterval;
        return Duration.Max(config.PollFloor, wish is { } asked ? Duration.Max(asked, own) : own);
    }

    public static void Heard(Turn turn)
    {
        var link = turn.State.Link;
        if (link.LostSince is not null)
        {
            turn.Inform(NoteKind.VtnBack, "The VTN answers again.");
        }

        if (link.Failures > 0 || link.QuietUntil is not null || link.LostSince is not null)
        {
            turn.State = turn.State with { Link = link with { Failures = 0, QuietUntil = null, LostSince = null } };
        }
    }

    /// <summary>The queue held nothing more.</summary>
    public static void QueueEmpty(Turn turn) => PollAfter(turn, PollInterval(turn.Config, turn.State.Registration));

    /// <summary>The queue held something; look again at once (OpenADR 2.0b rule 500), but not for ever.</summary>
    public static void QueueHeld(Turn turn)
    {
        var link = turn.State.Link;
        if (link.Drained + 1 < DrainAtMost)
        {
            turn.State = turn.State with { Link = link with { Drained = link.Drained + 1, PollAt = null } };
            return;
        }

        turn.Warn(NoteKind.MessageIgnored, ErrorClass.LimitCount, $"The VTN's queue held {DrainAtMost} messages in a row; going on at the next poll.");
        QueueEmpty(turn);
    }

    public static void PollAfter(Turn turn, Duration pause) =>
        turn.State = turn.State with { Link = turn.State.Link with { Drained = 0, PollAt = turn.Now + pause } };

    public static void Failed(Turn turn, VenInput.TransportFailed failure)
    {
        var item = failure.Request.Purpose;
        var what = failure.HttpStatus is { } status ? $"HTTP {status}" : failure.Kind.ToString();
        if (failure.Kind == TransportFailure.Unacceptable || failure.HttpStatus is > 200 and < 300)
        {
            Unusable(turn, item, "a reply of a form that is not accepted");
        }

        // Profile section 9.1.5: what was answered with one of these is not to be sent again unchanged.
        else if (failure.HttpStatus is 400 or 404 or 405 or 406 or 413 or 415 or 501)
        {
            GiveUp(turn, item, what);
        }
        else if (failure.HttpStatus is not null)
        {
            PutBehind(turn, item);
        }

        BackOff(turn, what);
    }

    public static void Unreadable(Turn turn, Owed item, Refusal refusal)
    {
        turn.Warn(NoteKind.MessageRefused, refusal.Class, $"The VTN's reply was refused: {refusal}");
        Unusable(turn, item, refusal.Detail);
        BackOff(turn, "an unreadable reply");
    }

    public static void Unexpected(Turn turn, Owed item, OadrMessage message)
    {
        turn.Warn(NoteKind.MessageRefused, ErrorClass.TypeMismatch, $"{message.Name} is no answer to {item.GetType().Name}.");
        Unusable(turn, item, $"{message.Name} instead of an answer");
        BackOff(turn, "an unexpected reply");
    }

    /// <summary>Truncated binary exponential back-off with ±10 % jitter (profile section 9.1.7).</summary>
    public static Duration BackOffAfter(int failures, Duration longest, Dice dice)
    {
        var doubled = failures > 30 ? longest : FirstPause * (1L << (failures - 1));
        return Duration.Min(doubled, longest) * (0.9 + (0.2 * dice.Fraction()));
    }

    private static void BackOff(Turn turn, string what)
    {
        var link = turn.State.Link;
        if (link.LostSince is null)
        {
            turn.Warn(NoteKind.VtnLost, ErrorClass.Unavailable, $"The VTN gives no usable answer ({what}); limits in force stay, trying again.");
        }

        var failures = link.Failures + 1;
        turn.State = turn.State with
        {
            Link = link with
            {
                Failures = failures,
                LostSince = link.LostSince ?? turn.Now,
                QuietUntil = turn.Now + BackOffAfter(failures, turn.Config.MaxBackOff, turn.Dice),
            },
        };
    }

    private static void Unusable(Turn turn, Owed item, string why)
    {
        if (item is Owed.Register or Owed.QueryRegistration or Owed.Poll)
        {
            return;
        }

        if (item.Refusals + 1 >= RefusalsAllowed)
        {
            GiveUp(turn, item, why);
        }
        else if (item is not Owed.SendReport)
        {
            turn.Replace(item, item with { Refusals = item.Refusals + 1 });
        }
    }

    // One service of a VTN may be broken while the others work: what fails again and again there goes behind what else is owed.
    // Answers about events keep their order: the last one said must be the last one heard.
    private static void PutBehind(Turn turn, Owed item)
    {
        if (item is Owed.Register or Owed.QueryRegistration or Owed.Poll or Owed.SendReport or Owed.AnswerEvents)
        {
            return;
        }

        if (item.Refusals + 1 < RefusalsAllowed)
        {
            turn.Replace(item, item with { Refusals = item.Refusals + 1 });
            return;
        }

        turn.Settle(item);
        turn.Owe(item with { Refusals = 0 });
    }

    private static void GiveUp(Turn turn, Owed item, string why)
    {
        switch (item)
        {
            // Polling and registering are what the VEN is there for: they go on, slowly.
            case Owed.Poll or Owed.Register:
                return;

            // The query is a courtesy; a VTN that doesn't know it may still register VENs.
            case Owed.QueryRegistration:
                turn.State = turn.State with { Plan = turn.State.Plan with { Queried = true } };
                break;
            case Owed.SendReport send:
                ReportSchedule.Advance(turn, send);
                break;
        }

        turn.Settle(item);
        turn.Alarm(NoteKind.MessageGivenUp, ErrorClass.Unavailable, $"{item.GetType().Name} is given up: the VTN answered {why}. Check the VTN's URL and profile.");
    }
}
