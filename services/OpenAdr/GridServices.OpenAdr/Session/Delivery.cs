using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

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

    /// <summary>Answers about events in all of them; the latest message is kept whatever it holds, since it answers one of the VTN's own size.</summary>
    private const int MostAnswers = 1024;

    private static readonly Duration ParkedPause = Duration.FromHours(1);
    private static readonly Duration ParkedRetries = Duration.FromDays(1);
    private static readonly Duration ParkedFor = Duration.FromDays(7);

    /// <summary>The item behind what is owed; what it says anew is taken out of older messages that the VTN has not taken.</summary>
    public static void Enqueue(StepContext context, PendingRequest undated)
    {
        var item = Dated(context, undated);
        var owed = context.State.Owed.Count == 0 ? [item] : RepeatedRequests.Merge(context.State.Owed, item, context.Now + context.Config.MaxBackOff).ToList();
        Shorten(context, owed);
        context.State = context.State with { Owed = owed.ToValueList() };
    }

    /// <summary>The item with the moment since which it is owed, or the name by which the VTN is to know it, where that matters.</summary>
    public static PendingRequest Dated(StepContext context, PendingRequest item) => item switch
    {
        PendingRequest.PublishMetadata { Since: null } metadata => metadata with { Since = context.Now },
        PendingRequest.RequestVtnMetadata { ReportRequestId: null, Rides: false } asked => asked with { ReportRequestId = $"ask-{SeededRandom.Uuid7(context.Now, context.Random.Draw(), 0):N}" },
        _ => item,
    };

    private static void Shorten(StepContext context, List<PendingRequest> owed)
    {
        var answers = owed.Sum(AnswersIn);
        PendingRequest? dropped = null;
        while ((owed.Count > MostOwed || answers > MostAnswers) && Oldest(owed, answers > MostAnswers) is var oldest and >= 0)
        {
            dropped = owed[oldest];
            answers -= AnswersIn(dropped);
            owed.RemoveAt(oldest);
        }

        if (dropped is not null)
        {
            context.Warn(NoteKind.MessageGivenUp, ErrorClass.LimitCount, $"{PendingRequestText.Describe(dropped)} is dropped: more than {MostOwed} messages or {MostAnswers} answers about events are owed to a VTN that takes none.");
        }
    }

    // What is parked goes first; the latest never.
    private static int Oldest(List<PendingRequest> owed, bool withAnswers)
    {
        var older = owed.Take(owed.Count - 1).ToList();
        bool Goes(PendingRequest item) => item is not PendingRequest.Register && (!withAnswers || AnswersIn(item) > 0);
        return older.FindIndex(o => o.ParkedAt is not null && Goes(o)) is var parked and >= 0 ? parked : older.FindIndex(Goes);
    }

    private static int AnswersIn(PendingRequest item) => item is PendingRequest.AnswerEvents { Responses.Count: var count } ? count : 0;

    /// <summary>The VTN did not take it. It waits, is split, or is parked.</summary>
    /// <param name="context">The step.</param>
    /// <param name="item">As it was sent.</param>
    /// <param name="reported">What became of it.</param>
    /// <param name="pause">Before it is sent again.</param>
    public static void Failed(StepContext context, PendingRequest item, Failure reported, Duration pause)
    {
        var othersAreTaken = item.ParkedAt is null && context.State.Link.HeardAt >= item.FailedSince;
        var failure = reported.Reclassify(othersAreTaken);
        (context.State, var number) = Requests.AssignNumber(context.State, item, failure);
        var failing = item with
        {
            Number = number,
            Refusals = item.Refusals + 1,
            FailedSince = item.FailedSince ?? context.Now,
            NotBefore = context.Now + pause,
            TimedOut = failure.IsTimeout,
            Problem = failure.What,
        };
        if (item.ParkedAt is { } since)
        {
            context.Replace(item, failing with { NotBefore = failure.IsFinal || context.Now - since >= ParkedRetries ? null : context.Now + ParkedPause });
            return;
        }

        // Registering is what the VEN is there for, and asking is what shows a push VEN that its way in is shut: both go on, slowly. So does what another VTN
        // answered, for ours may take it.
        var goesOn = item is PendingRequest.Register || (item is PendingRequest.RequestEvents && (failure.IsAnothers || context.Config.Transport == VenTransport.Push));
        if (goesOn || !(failure.IsFinal || (othersAreTaken && failing.Refusals >= FailuresInOnePiece)))
        {
            Wait(context, item, failing);
        }
        else if (item is PendingRequest.AnswerEvents { Responses.Count: > 1 } several)
        {
            Split(context, several, failing);
        }
        else if (failure.IsFinal || failing.Refusals >= FailuresAllowed)
        {
            Park(context, item, failing, failure);
        }
        else
        {
            Wait(context, item, failing);
        }
    }

    /// <summary>A person wants everything sent now that the VTN has not taken so far.</summary>
    public static void Resend(StepContext context)
    {
        var stuck = context.State.Owed.Where(o => o.WithoutHistory() != o && o is not PendingRequest.Register).ToList();
        if (stuck.Count > 0)
        {
            context.State = context.State with { Owed = context.State.Owed.Select(o => o is PendingRequest.Register ? o : o.WithoutHistory()).ToValueList() };
        }

        if (context.State.Reports.Any(r => r.NotBefore is not null))
        {
            context.State = context.State with { Reports = context.State.Reports.Select(r => r with { NotBefore = null }).ToValueList() };
        }

        context.Inform(NoteKind.MessageSentAgain, stuck.Count == 0
            ? "There is no message that the VTN has not taken."
            : $"A person has these sent again: {string.Join("; ", stuck.Take(10).Select(PendingRequestText.Describe))}.");
    }

    /// <summary>A new registration begins: a cancellation that was parked meant the one before.</summary>
    public static void ReportDropped(StepContext context)
    {
        if (context.State.Owed.FirstOrDefault(o => o is PendingRequest.CancelRegistration { ParkedAt: not null }) is { ParkedAt: var since })
        {
            context.Alarm(NoteKind.RegistrationEnded, null,
                $"The cancellation that was parked since {since} meant the former registration and is dropped: the VEN is registered anew. Cancel again if it is to leave.");
        }
    }

    /// <summary>Drops what has been parked for a week.</summary>
    public static void PruneParked(StepContext context)
    {
        if (context.State.Owed.Where(o => o.ParkedAt + ParkedFor <= context.Now).ToList() is { Count: > 0 } forgotten)
        {
            forgotten.ForEach(o => VtnReports.AddPresumed(context, o));
            context.State = context.State with { Owed = context.State.Owed.Where(o => !(o.ParkedAt + ParkedFor <= context.Now)).ToValueList() };
        }
    }

    /// <summary>The VTN took it: said where it had not before.</summary>
    public static void OnAccepted(StepContext context, PendingRequest item)
    {
        if (item.Refusals > 0 && item is not (PendingRequest.Poll or PendingRequest.Register or PendingRequest.QueryRegistration))
        {
            context.Inform(NoteKind.MessageSentAgain, $"The VTN took {PendingRequestText.Describe(item)} after {item.Refusals} tries in vain.");
        }
    }

    private static void Wait(StepContext context, PendingRequest item, PendingRequest failing)
    {
        if (context.Replace(item, failing) && failing.Refusals == 1)
        {
            context.Warn(NoteKind.MessageRefused, ErrorClass.Unavailable, $"The VTN did not take {PendingRequestText.Describe(item)}: {failing.Problem}. It is tried again; everything else goes on.");
        }
    }

    // OpenADR 2.0b rule 12 would have one message, and rule 19 wants the good events answered whatever becomes of the others.
    private static void Split(StepContext context, PendingRequest.AnswerEvents several, PendingRequest failing)
    {
        var parts = several.Responses.Select(r => (PendingRequest)new PendingRequest.AnswerEvents(several.Response, [r]) { NotBefore = failing.NotBefore, TimedOut = failing.TimedOut });
        context.State = context.State with { Owed = context.State.Owed.SelectMany(o => o == several ? parts : [o]).ToValueList() };
        context.Warn(NoteKind.MessageRefused, ErrorClass.Unavailable, $"The VTN does not take {PendingRequestText.Describe(several)}: {failing.Problem}. Each event is answered in a message of its own.");
    }

    private static void Park(StepContext context, PendingRequest item, PendingRequest failing, Failure failure)
    {
        if (item is PendingRequest.QueryRegistration)
        {
            context.Complete(item);
            context.State = context.State with { Plan = context.State.Plan with { Queried = true } };
        }
        else
        {
            context.Replace(item, failing with { ParkedAt = context.Now, NotBefore = failure.IsFinal ? null : context.Now + ParkedPause });
        }

        var why = failure.IsOurs ? $"{failing.Problem}; change what holds that text"
            : failure.IsFinal ? $"the VTN answered {failing.Problem}, so it must not be sent again unchanged"
            : $"{failing.Refusals} times in vain ({failing.Problem}) while the VTN takes other messages";
        context.Alarm(
            NoteKind.MessageGivenUp,
            ErrorClass.Unavailable,
            $"{PendingRequestText.Describe(item)} is parked: {why}. Everything else goes on. {(failure.IsOurs ? string.Empty : "Tell the VTN's operator; ")}POST actions/resend sends it again.",
            PendingRequestText.GetEvents(item) is [var only] ? only : null);
    }
}
