using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>What the VTN sends of its own accord (push): done as what a poll finds, and answered at once.</summary>
internal static class PushHandler
{
    /// <summary>What is missed is asked for no more often.</summary>
    private static readonly Duration MissedPause = Duration.FromMinutes(1);

    public static void Handle(StepContext context, VenInput.MessagePushed pushed)
    {
        var message = pushed.Message;
        var isMisplaced = PushAnswers.FindMisplacedAnswer(pushed.Service, message) is not null;

        // What is another's, or says of itself that it failed, says nothing of whether our events would arrive.
        var isHeard = !isMisplaced && context.State.Registration is { } registration && VtnMessages.IsFor(message, registration) && FailureIn(message) is null;
        if (isMisplaced)
        {
            // OpenADR 2.0b rule 401: who may say what.
            context.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name} at {pushed.Service}: a VTN has no business pushing it there.");
        }
        else if (!IsRepeated(context, message))
        {
            PushAnswers.Save(context, message, Process(context, message, pushed.Sha256));
        }

        if (isHeard)
        {
            context.State = context.State with { Link = context.State.Link with { PushedAt = context.Now } };
        }
    }

    /// <summary>Its kind may be legible, its content is not, or it must not be taken; whoever received it answers.</summary>
    public static void Refused(StepContext context, VenInput.PushRefused refused) => context.Warn(
        NoteKind.MessageRefused, refused.Refusal.Class, $"A pushed {refused.Message ?? "message"} was refused: {SafeText.Clause(refused.Refusal.ToString())}.");

    /// <summary>Something could not be taken in, and the VTN may not send it again (OpenADR 2.0b rule 500: such a request is for synchronising again).</summary>
    public static void Missed(StepContext context)
    {
        // A VTN may slip again and again, even in answer to this very request: the first goes out at once, the next at a bounded rhythm.
        var now = context.Now;
        var at = context.State.Link.MissedAt is { } last && last > now - MissedPause && last < now + MissedPause ? Instant.Min(last, now) + MissedPause : now;
        if (!IsRetried(context, at))
        {
            return;
        }

        context.State = context.State with { Link = context.State.Link with { MissedAt = at } };
        context.Warn(NoteKind.MessageIgnored, ErrorClass.Unavailable, "The VTN pushed something that could not be taken in: it is asked for its events.");
        context.Enqueue(new PendingRequest.RequestEvents { NotBefore = at > now ? at : null });
    }

    /// <summary>After the line was away: what the VTN pushed meanwhile is lost, and no poll will find it.</summary>
    public static void ResyncAfterLoss(StepContext context, PendingRequest heard)
    {
        // OpenADR 2.0b rule 500: requests of a service's own are for synchronising again, and this is the case they are for.
        if (heard is not PendingRequest.RequestEvents && IsRetried(context, context.Now))
        {
            context.Enqueue(new PendingRequest.RequestEvents());
        }
    }

    // Where one waits for its rhythm alone, a reason to ask sooner goes before it; a later one would put it off for ever.
    private static bool IsRetried(StepContext context, Instant at) => context.Config.Transport == VenTransport.Push && context.State.Registration is not null
        && !context.State.Owed.Any(o => o is PendingRequest.RequestEvents && !(o is { Refusals: 0, ParkedAt: null, NotBefore: { } later } && at < later));

    // Profile section 9.1.7: every operation is idempotent. A list of events is its own memory, and "always" is answered each time.
    private static bool IsRepeated(StepContext context, OadrMessage message) =>
        message is not OadrDistributeEvent && PushAnswers.Knows(context.State, message);

    /// <summary>Does it; the answer, or null for the plain one.</summary>
    private static PendingRequest? Process(StepContext context, OadrMessage message, string sha256)
    {
        // OpenADR 2.0b rule 405: until registered, what the VTN sends is ignored; rule 517: 463 tells it why.
        if (context.State.Registration is not { } registration)
        {
            context.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name}: the VEN is not registered.");
            return Refusal(message, OadrCodes.NotRegistered, "Not registered.", null);
        }

        // OpenADR 2.0b rules 21, 400: IDs are checked, 452 if they aren't ours.
        if (!VtnMessages.IsFor(message, registration))
        {
            context.Warn(NoteKind.MessageRefused, ErrorClass.AuthzVenid, $"{message.Name} with another venID or vtnID than those of the registration was answered 452.");

            // Whether it is our VTN that calls itself otherwise now, its answer to a question tells.
            var at = context.Now + MissedPause;
            if (message is OadrDistributeEvent && IsRetried(context, at))
            {
                context.Enqueue(new PendingRequest.RequestEvents { NotBefore = at });
            }

            return Refusal(message, OadrCodes.InvalidId, "Another venID or vtnID than that of the registration.", registration);
        }

        // As in a reply: what says of itself that it failed lists nothing, and what it does not list is not cancelled.
        if (FailureIn(message) is { } failure)
        {
            context.Warn(NoteKind.MessageRefused, null, $"A pushed list of events says of itself that it failed, {ReplyHandler.Describe(failure)}: nothing of it was taken.");
            Missed(context);
            return Refusal(message, OadrCodes.ComplianceError, "A list of events with an error code lists nothing.", registration);
        }

        context.IsPushed = true;
        VtnRequests.Process(context, message, sha256);
        context.IsPushed = false;
        return message is OadrRequestReregistration ? null : context.Answered;
    }

    private static EiResponse? FailureIn(OadrMessage message) => message is OadrDistributeEvent { Response: { IsSuccess: false } failure } ? failure : null;

    private static PendingRequest Refusal(OadrMessage message, int code, string why, VenRegistration? registration)
    {
        var response = new EiResponse(code, why, VtnMessages.GetRequestId(message));
        return code == OadrCodes.NotRegistered
            ? new PendingRequest.Acknowledge(VtnMessages.FindService(message)!.Value, response, null)
            : VtnRequests.Refusal(message.Name, response, registration!, isPushed: true)!;
    }
}
