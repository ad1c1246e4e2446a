using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>The line to the VTN: polling rhythm, failures, back-off.</summary>
public static class LinkPolicy
{
    /// <summary>Messages taken from the queue in one go before the VEN pauses for a poll interval.</summary>
    private const int DrainAtMost = 100;

    /// <summary>oadrQueryRegistration answered with an error so often is left out.</summary>
    private const int QueriesInVain = 3;

    /// <summary>Pause after a message without a reply in time, doubling: each of its retries may delay a poll by its timeout.</summary>
    private static readonly Backoff PausesAfterTimeout = new(Duration.FromSeconds(30), Duration.FromMinutes(5), Spread: 0.1);

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

    internal static void OnAnswered(StepContext context)
    {
        var link = context.State.Link;
        if (link.LostSince is not null)
        {
            context.Inform(NoteKind.VtnBack, "The VTN answers again.");
        }

        var somethingWaits = context.State.Owed.Any(o => o.FailedSince is not null) || context.State.Reports.Any(r => r.Failures > 0);
        if (somethingWaits || link.InDoubt || link.Failures > 0 || link.QuietUntil is not null || link.LostSince is not null)
        {
            context.State = context.State with
            {
                Link = context.State.Link with { Failures = 0, QuietUntil = null, LostSince = null, InDoubt = false, HeardAt = somethingWaits ? context.Now : null },
            };
        }
    }

    /// <summary>Whether the poll, if it was one, told of events; so that a VTN that answers polls with errors is not taken for a sound one.</summary>
    internal static void NotePoll(StepContext context, VenInput input)
    {
        var link = context.State.Link;
        if (input.IsOfPoll && (context.PollProblem ?? link.Problem) is not null)
        {
            var problem = context.PollProblem;
            context.State = context.State with { Link = link with { Problem = problem, ProblemSince = problem is null ? null : link.ProblemSince ?? context.Now } };
        }
    }

    /// <summary>The queue held nothing more.</summary>
    internal static void QueueEmpty(StepContext context) => PollAfter(context, PollInterval(context.Config, context.State.Registration));

    /// <summary>The queue held something; look again at once (OpenADR 2.0b rule 500), but not for ever.</summary>
    internal static void QueueHeld(StepContext context)
    {
        var link = context.State.Link;
        if (link.Drained + 1 < DrainAtMost)
        {
            context.State = context.State with { Link = link with { Drained = link.Drained + 1, PollAt = null, PollFailures = 0, ReportsSincePoll = 0 } };
            return;
        }

        context.Warn(NoteKind.MessageIgnored, ErrorClass.LimitCount, $"The VTN's queue held {DrainAtMost} messages in a row; going on at the next poll.");
        QueueEmpty(context);
    }

    internal static void PollAfter(StepContext context, Duration pause) =>
        context.State = context.State with { Link = context.State.Link with { Drained = 0, PollAt = context.Now + pause, PollFailures = 0, ReportsSincePoll = 0 } };

    internal static void Failed(StepContext context, VenInput.TransportFailed failure)
    {
        // Profile section 9.1.5: what was answered with one of these is not to be sent again unchanged.
        var isUnwritable = failure.Kind == TransportFailure.Unwritable;
        // One for an unknown address or method a proxy without its VTN gives to everything.
        var mayBeTheLines = failure.HttpStatus is 404 or 405;
        var final = isUnwritable || failure.HttpStatus is 400 or 404 or 405 or 406 or 413 or 415 or 501;

        // Without a status, and with a page that no VTN wrote, the fault is the line's and not the message's.
        var isThere = failure.HttpStatus is not null || failure.Kind == TransportFailure.Unacceptable || (isUnwritable && !context.State.Link.InDoubt);
        if (failure.Request.Purpose is PendingRequest.Poll && failure.MayHaveBeenAnswered)
        {
            LostAnswers.Note(context);
        }

        Failed(context, failure.Request.Purpose, new Failure(Describe(failure, context.Config.VtnUrl), final, isThere, failure.Kind == TransportFailure.Timeout, failure.RetryAfter) { IsUnanswered = !isUnwritable, IsOurs = isUnwritable, MayBeTheLines = mayBeTheLines });
    }

    internal static void Unreadable(StepContext context, VenInput.ReplyRefused reply)
    {
        context.Warn(NoteKind.MessageRefused, reply.Refusal.Class, $"The VTN's reply to {PendingRequestText.Describe(reply.Request.Purpose)} was refused: {SafeText.Clause(reply.Refusal.ToString())}.");
        var (item, what) = (reply.Request.Purpose, $"an unreadable reply: {SafeText.Clause(reply.Refusal.Detail)}");
        var isAnswered = PollResultHandler.AnswerUnreadable(context, reply);
        if (item is PendingRequest.Poll && isAnswered)
        {
            context.PollProblem = what;
            PollFailed(context, retryAfter: null);
            return;
        }

        if (item is PendingRequest.Poll)
        {
            LostAnswers.Note(context);
        }

        Failed(context, item, new Failure(what) { IsUnanswered = true });
    }

    internal static void Unexpected(StepContext context, PendingRequest item, OadrMessage message)
    {
        context.Warn(NoteKind.MessageRefused, ErrorClass.TypeMismatch, $"{message.Name} is no answer to {PendingRequestText.GetName(item)}.");
        Failed(context, item, new Failure($"{message.Name} instead of an answer"));
    }

    /// <summary>HTTP 2xx without a body, where something had to be in it.</summary>
    internal static void EmptyReply(StepContext context, PendingRequest item, int status) =>
        Failed(context, item, new Failure($"HTTP {status} without a body, where an answer is needed"));

    /// <summary>The VTN answered with a code that is no success. <paramref name="final"/>: the same would be answered again.</summary>
    internal static void Refused(StepContext context, PendingRequest item, EiResponse response, bool final) =>
        Failed(context, item, new Failure($"code {ReplyHandler.Describe(response)}", final));

    /// <summary>The VTN doesn't know who sent this, so that it waits for the registration; or another VTN answers.</summary>
    internal static void Postpone(StepContext context, PendingRequest item, string why, bool isAnothers = false) =>
        Failed(context, item, new Failure(why) { IsAnothers = isAnothers });

    // A message alone that gets no reply says nothing of the line: polls do, and only when they fail does the line as a whole wait.
    private static void Failed(StepContext context, PendingRequest item, Failure failure)
    {
        context.PollProblem ??= failure.What;
        switch (item)
        {
            case PendingRequest.Poll when failure.IsThere:
                SetLost(context, failure.What);
                PollFailed(context, failure.RetryAfter);
                break;
            case PendingRequest.Poll:
                BackOff(context, failure);
                break;
            case PendingRequest.SendReport report:
                ReportSchedule.Failed(context, report, failure, failures => PauseAfter(context, failures, failure));
                break;
            case PendingRequest.PublishMetadata again when !context.IsPending(item):
                Delivery.Failed(context, MetadataSchedule.Enqueue(context, again), failure, PauseAfter(context, item.Refusals + 1, failure));
                break;
            case PendingRequest.RequestEvents when context.State.Registration is not null && !context.IsPending(item):
                // Asked at an interval: from now on it is owed.
                context.Enqueue(item);
                Delivery.Failed(context, item, failure, PauseAfter(context, item.Refusals + 1, failure));
                break;
            case var _ when context.IsPending(item):
                Delivery.Failed(context, item, failure, PauseAfter(context, item.Refusals + 1, failure));
                break;

            // Registering is no item of its own while nothing is registered; then there is nothing else to say, and the line as a whole waits.
            default:
                QueryFailed(context, item, failure.IsFinal);
                BackOff(context, failure);
                break;
        }

        if (failure.IsThere == context.State.Link.InDoubt)
        {
            context.State = context.State with { Link = context.State.Link with { InDoubt = !failure.IsThere } };
        }
    }

    private static void PollFailed(StepContext context, Duration? retryAfter)
    {
        var link = context.State.Link;
        var pause = LineBackOff(context, link.PollFailures + 1, retryAfter);
        context.State = context.State with { Link = link with { PollFailures = link.PollFailures + 1, PollAt = context.Now + pause, ReportsSincePoll = 0 } };
    }

    // The query is a courtesy; a VTN that doesn't know it may still register VENs.
    private static void QueryFailed(StepContext context, PendingRequest item, bool final)
    {
        if (item is PendingRequest.QueryRegistration)
        {
            var plan = context.State.Plan;
            var enough = final || plan.QueryFailures + 1 >= QueriesInVain;
            context.State = context.State with
            {
                Plan = plan with { Queried = plan.Queried || enough, QueryFailures = enough ? 0 : plan.QueryFailures + 1 },

                // The query that the VTN may have keeps its number; the registration that follows gets another.
                Requests = context.State.Requests + (enough ? 1 : 0),
            };
        }
    }

    private static void BackOff(StepContext context, Failure failure)
    {
        SetLost(context, failure.What);
        var link = context.State.Link;
        var failures = link.Failures + 1;
        context.State = context.State with { Link = link with { Failures = failures, QuietUntil = context.Now + LineBackOff(context, failures, failure.RetryAfter) } };
    }

    private static void SetLost(StepContext context, string what)
    {
        if (context.State.Link.LostSince is null)
        {
            context.Warn(NoteKind.VtnLost, ErrorClass.Unavailable, $"The VTN gives no usable answer ({what}); limits in force stay, trying again.");
            context.State = context.State with { Link = context.State.Link with { LostSince = context.Now } };
        }
    }

    private static Duration PauseAfter(StepContext context, int failures, Failure failure)
    {
        var pause = LineBackOff(context, failures, failure.RetryAfter);
        return failure.IsTimeout ? Duration.Max(pause, PausesAfterTimeout.After(failures, context.Random.Fraction())) : pause;
    }

    // Profile section 9.1.5: a VTN may say how long it wants to be left alone; a wrong number there must not silence the VEN for a day.
    private static Duration LineBackOff(StepContext context, int failures, Duration? retryAfter) => Duration.Max(
        Backoff.UpTo(context.Config.MaxBackOff).After(failures, context.Random.Fraction()),
        Duration.Min(retryAfter ?? Duration.Zero, context.Config.MaxBackOff));

    private static string Describe(VenInput.TransportFailed failure, string url)
    {
        var what = failure switch
        {
            { HttpStatus: 404 } when VtnUrls.Hint(url) is { } hint => $"HTTP 404; {hint}",
            { HttpStatus: { } status } => $"HTTP {status}",
            { Kind: TransportFailure.Tls } => "no TLS connection",
            { Kind: TransportFailure.Timeout } => "no reply in time",
            { Kind: TransportFailure.Unacceptable } => "a reply of a form that is not accepted",
            { Kind: TransportFailure.Unwritable } => "it was not sent",
            _ => "no connection",
        };
        return failure.Detail is { Length: > 0 } detail ? $"{what}: {SafeText.Clause(detail)}" : what;
    }
}
