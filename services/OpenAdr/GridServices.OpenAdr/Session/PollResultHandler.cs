using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;

namespace GridServices.OpenAdr.Session;

/// <summary>What the VTN's queue held (the reply to a poll).</summary>
internal static class PollResultHandler
{
    public static void Handle(StepContext context, OadrMessage message, string sha256)
    {
        if (message is OadrResponse or OadrDistributeEvent { Response.IsSuccess: false })
        {
            Empty(context, (message as OadrResponse)?.Response ?? ((OadrDistributeEvent)message).Response!);
            return;
        }

        LinkPolicy.QueueHeld(context);
        if (!VtnRequests.Take(context, message, sha256))
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
        var response = new EiResponse(OadrCodes.Of(reply.Refusal), reply.Refusal.Detail, reply.MessageRequestId ?? string.Empty);
        var answer = VtnRequests.Refusal(reply.Message, response, registration, isPushed: false);
        if (answer is not null)
        {
            context.Enqueue(answer);
        }

        return answer is not null;
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
