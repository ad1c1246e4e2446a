using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>The line to the VTN: polling rhythm, failures, back-off.</summary>
internal static class Line
{
    /// <summary>Messages taken from the queue in one go before the VEN pauses for a poll interval.</summary>
    private const int DrainAtMost = 100;

    /// <summary>oadrQueryRegistration answered with an error so often is left out.</summary>
    private const int QueriesInVain = 3;

    /// <summary>Pause after a message without a reply in time, doubling: each of its retries may delay a poll by its timeout.</summary>
    private static readonly Duration FirstPauseAfterTimeout = Duration.FromSeconds(30);

    private static readonly Duration LongestPauseAfterTimeout = Duration.FromMinutes(5);
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

        var somethingWaits = turn.State.Owed.Any(o => o.FailedSince is not null) || turn.State.Reports.Any(r => r.Failures > 0);
        if (somethingWaits || link.InDoubt || link.Failures > 0 || link.QuietUntil is not null || link.LostSince is not null)
        {
            turn.State = turn.State with
            {
                Link = turn.State.Link with { Failures = 0, QuietUntil = null, LostSince = null, InDoubt = false, HeardAt = somethingWaits ? turn.Now : null },
            };
        }
    }

    /// <summary>Whether the poll, if it was one, told of events; so that a VTN that answers polls with errors is not taken for a sound one.</summary>
    public static void NotePoll(Turn turn, VenInput input)
    {
        var link = turn.State.Link;
        if (input.IsOfPoll && (turn.PollProblem ?? link.Problem) is not null)
        {
            var problem = turn.PollProblem;
            turn.State = turn.State with { Link = link with { Problem = problem, ProblemSince = problem is null ? null : link.ProblemSince ?? turn.Now } };
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
            turn.State = turn.State with { Link = link with { Drained = link.Drained + 1, PollAt = null, PollFailures = 0 } };
            return;
        }

        turn.Warn(NoteKind.MessageIgnored, ErrorClass.LimitCount, $"The VTN's queue held {DrainAtMost} messages in a row; going on at the next poll.");
        QueueEmpty(turn);
    }

    public static void PollAfter(Turn turn, Duration pause) =>
        turn.State = turn.State with { Link = turn.State.Link with { Drained = 0, PollAt = turn.Now + pause, PollFailures = 0 } };

    public static void Failed(Turn turn, VenInput.TransportFailed failure)
    {
        // Profile section 9.1.5: what was answered with one of these is not to be sent again unchanged.
        var final = failure.HttpStatus is 400 or 404 or 405 or 406 or 413 or 415 or 501;

        // Without a status, and with a page that no VTN wrote, the fault is the line's and not the message's.
        var isThere = failure.HttpStatus is not null || failure.Kind == TransportFailure.Unacceptable;
        Failed(turn, failure.Request.Purpose, new Failure(Words(failure), final, isThere, failure.Kind == TransportFailure.Timeout, failure.RetryAfter));
    }

    public static void Unreadable(Turn turn, VenInput.ReplyRefused reply)
    {
        turn.Warn(NoteKind.MessageRefused, reply.Refusal.Class, $"The VTN's reply to {OwedText.Of(reply.Request.Purpose)} was refused: {Printable.Clause(reply.Refusal.ToString())}.");
        var (item, what) = (reply.Request.Purpose, $"an unreadable reply: {Printable.Clause(reply.Refusal.Detail)}");
        if (Inbox.AnswerUnreadable(turn, reply) && item is Owed.Poll)
        {
            turn.PollProblem = what;
            PollFailed(turn, retryAfter: null);
            return;
        }

        Failed(turn, item, new Failure(what));
    }

    public static void Unexpected(Turn turn, Owed item, OadrMessage message)
    {
        turn.Warn(NoteKind.MessageRefused, ErrorClass.TypeMismatch, $"{message.Name} is no answer to {OwedText.NameOf(item)}.");
        Failed(turn, item, new Failure($"{message.Name} instead of an answer"));
    }

    /// <summary>HTTP 2xx without a body, where something had to be in it.</summary>
    public static void SaidNothing(Turn turn, Owed item, int status) =>
        Failed(turn, item, new Failure($"HTTP {status} without a body, where an answer is needed"));

    /// <summary>The VTN answered with a code that is no success. <paramref name="final"/>: the same would be answered again.</summary>
    public static void Refused(Turn turn, Owed item, EiResponse response, bool final) =>
        Failed(turn, item, new Failure($"code {Conversation.Describe(response)}", final));

    /// <summary>The VTN doesn't know who sent this: it waits for the registration.</summary>
    public static void Postpone(Turn turn, Owed item, string why) => Failed(turn, item, new Failure(why));

    // A message alone that gets no reply says nothing of the line: polls do, and only when they fail does the line as a whole wait.
    private static void Failed(Turn turn, Owed item, Failure failure)
    {
        turn.PollProblem ??= failure.What;
        switch (item)
        {
            case Owed.Poll when failure.IsThere:
                Lose(turn, failure.What);
                PollFailed(turn, failure.RetryAfter);
                break;
            case Owed.Poll:
                BackOff(turn, failure);
                break;
            case Owed.SendReport report:
                ReportSchedule.Failed(turn, report, failure, failures => PauseAfter(turn, failures, failure));
                break;
            case var _ when turn.IsOwed(item):
                Delivery.Failed(turn, item, failure, PauseAfter(turn, item.Refusals + 1, failure));
                break;

            // Registering is no item of its own while nothing is registered; then there is nothing else to say, and the line as a whole waits.
            default:
                QueryFailed(turn, item, failure.IsFinal);
                BackOff(turn, failure);
                break;
        }

        if (failure.IsThere == turn.State.Link.InDoubt)
        {
            turn.State = turn.State with { Link = turn.State.Link with { InDoubt = !failure.IsThere } };
        }
    }

    private static void PollFailed(Turn turn, Duration? retryAfter)
    {
        var link = turn.State.Link;
        var pause = LineBackOff(turn, link.PollFailures + 1, retryAfter);
        turn.State = turn.State with { Link = link with { PollFailures = link.PollFailures + 1, PollAt = turn.Now + pause } };
    }

    // The query is a courtesy; a VTN that doesn't know it may still register VENs.
    private static void QueryFailed(Turn turn, Owed item, bool final)
    {
        if (item is Owed.QueryRegistration)
        {
            var plan = turn.State.Plan;
            var enough = final || plan.QueryFailures + 1 >= QueriesInVain;
            turn.State = turn.State with { Plan = plan with { Queried = plan.Queried || enough, QueryFailures = enough ? 0 : plan.QueryFailures + 1 } };
        }
    }

    private static void BackOff(Turn turn, Failure failure)
    {
        Lose(turn, failure.What);
        var link = turn.State.Link;
        var failures = link.Failures + 1;
        turn.State = turn.State with { Link = link with { Failures = failures, QuietUntil = turn.Now + LineBackOff(turn, failures, failure.RetryAfter) } };
    }

    private static void Lose(Turn turn, string what)
    {
        if (turn.State.Link.LostSince is null)
        {
            turn.Warn(NoteKind.VtnLost, ErrorClass.Unavailable, $"The VTN gives no usable answer ({what}); limits in force stay, trying again.");
            turn.State = turn.State with { Link = turn.State.Link with { LostSince = turn.Now } };
        }
    }

    private static Duration PauseAfter(Turn turn, int failures, Failure failure)
    {
        var pause = LineBackOff(turn, failures, failure.RetryAfter);
        return failure.IsTimeout ? Duration.Max(pause, Backoff.After(failures, FirstPauseAfterTimeout, LongestPauseAfterTimeout, turn.Random.Fraction())) : pause;
    }

    // Profile section 9.1.5: a VTN may say how long it wants to be left alone; a wrong number there must not silence the VEN for a day.
    private static Duration LineBackOff(Turn turn, int failures, Duration? retryAfter) => Duration.Max(
        Backoff.After(failures, turn.Config.MaxBackOff, turn.Random.Fraction()),
        Duration.Min(retryAfter ?? Duration.Zero, turn.Config.MaxBackOff));

    private static string Words(VenInput.TransportFailed failure)
    {
        var what = failure switch
        {
            { HttpStatus: { } status } => $"HTTP {status}",
            { Kind: TransportFailure.Tls } => "no TLS connection",
            { Kind: TransportFailure.Timeout } => "no reply in time",
            { Kind: TransportFailure.Unacceptable } => "a reply of a form that is not accepted",
            _ => "no connection",
        };
        return failure.Detail is { Length: > 0 } detail ? $"{what}: {Printable.Clause(detail)}" : what;
    }
}
