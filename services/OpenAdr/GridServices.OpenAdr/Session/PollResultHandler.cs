using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>What the VTN's queue held (the reply to a poll).</summary>
internal static class PollResultHandler
{
    public static void Handle(StepContext context, OadrMessage message, string sha256)
    {
        PollAfterLeap(context);
        if (message is OadrResponse or OadrDistributeEvent { Response.IsSuccess: false })
        {
            Empty(context, (message as OadrResponse)?.Response ?? ((OadrDistributeEvent)message).Response!);
            return;
        }

        LinkPolicy.QueueHeld(context);
        if (AnswerForeign(context, message))
        {
            return;
        }

        if (!VtnRequests.Process(context, message, sha256))
        {
            context.PollProblem = $"{message.Name} instead of events or oadrResponse";
            context.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name}: a VTN has no business sending it in its queue.");
        }
    }

    /// <summary>
    /// What can't be read is answered all the same where its kind is legible: a VTN that waits for an answer must not wait for ever, and one that
    /// sends by mistake learns of it.
    /// </summary>
    public static bool AnswerUnreadable(StepContext context, VenInput.ReplyRefused reply)
    {
        if (context.State.Registration is not { } registration || reply.Request.Purpose is not (PendingRequest.Poll or PendingRequest.RequestEvents))
        {
            return false;
        }

        // OpenADR 2.0b rules 33, 35: the error's own code, for the payload as a whole.
        var response = new EiResponse(OadrCodes.GetCode(reply.Refusal, reply.Message), reply.Refusal.Detail, reply.MessageRequestId ?? string.Empty);
        var answer = VtnRequests.Refusal(reply.Message, response, registration, isPushed: false);
        if (answer is not null)
        {
            context.Enqueue(answer);
        }

        return answer is not null;
    }

    // A poll planned further ahead than polls ever are was planned by a clock that has been put back since: by that one, events may have been over and forgotten.
    private static void PollAfterLeap(StepContext context)
    {
        var longest = Duration.Max(RequestScheduler.LongestPollPause(context.Config, context.State), Duration.FromDays(1));
        if (context.State.Link.PollAt is { } planned && planned > context.Now && !RequestScheduler.IsAhead(planned, context.Now, longest) && !context.State.Owed.Any(o => o is PendingRequest.RequestEvents))
        {
            context.Warn(NoteKind.EventReceived, null, "The clock was put back; the events are asked for again.");
            context.Enqueue(new PendingRequest.RequestEvents());
        }
    }

    // OpenADR 2.0b rules 21, 400: what is for another VEN is answered 452 and not carried out. Events and the registration's own messages are checked where they are taken.
    private static bool AnswerForeign(StepContext context, OadrMessage message)
    {
        if (context.State.Registration is not { } registration || VtnMessages.FindService(message) != OadrServiceName.EiReport || VtnMessages.IsFor(message, registration))
        {
            return false;
        }

        context.Warn(NoteKind.MessageRefused, ErrorClass.AuthzVenid, $"{message.Name} for another venID than that of the registration was answered 452.");
        context.Enqueue(VtnRequests.Refusal(message.Name, new EiResponse(OadrCodes.InvalidId, "Another venID than that of the registration.", VtnMessages.GetRequestId(message)), registration, isPushed: false)!);
        return true;
    }

    private static void Empty(StepContext context, EiResponse response)
    {
        LinkPolicy.QueueEmpty(context);

        // OpenADR 2.0b rule 517: 463 = not registered there, 452 = the ID is wrong. Any other error counts as a failure of the poll.
        if (!response.IsSuccess)
        {
            context.PollProblem = $"code {ReplyHandler.Describe(response)}: the VTN does not know this VEN";
            RegistrationRules.Disowned(context, response.Code);
        }
    }
}
