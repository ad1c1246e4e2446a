using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;

namespace GridServices.OpenAdr.Registration;

/// <summary>What the VTN's queue held (the reply to a poll).</summary>
internal static class Inbox
{
    public static void Take(Turn turn, OadrMessage message, string sha256)
    {
        if (message is OadrResponse or OadrDistributeEvent { Response.IsSuccess: false })
        {
            Empty(turn, (message as OadrResponse)?.Response ?? ((OadrDistributeEvent)message).Response!);
            return;
        }

        Line.QueueHeld(turn);
        switch (message)
        {
            case OadrDistributeEvent events:
                EventLedger.Receive(turn, events, sha256);
                break;
            case OadrCreateReport request:
                ReportSchedule.Requested(turn, request);
                break;
            case OadrCancelReport cancel:
                ReportSchedule.Cancelled(turn, cancel);
                break;
            case OadrRegisterReport metadata:
                // OpenADR 2.0b rule 301: the VTN's METADATA is answered even when it offers nothing.
                turn.Owe(new Owed.AcceptMetadata(EiResponse.Ok(metadata.RequestId)));
                break;
            case OadrUpdateReport data:
                turn.Owe(new Owed.AcceptReportData(EiResponse.Ok(data.RequestId)));
                break;
            case OadrCancelPartyRegistration cancel:
                RegistrationRules.Cancelled(turn, cancel);
                break;
            case OadrRequestReregistration request:
                RegistrationRules.Requested(turn, request);
                break;
            default:
                turn.PollProblem = $"{message.Name} instead of events or oadrResponse";
                turn.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name}: a VTN has no business sending it in its queue.");
                break;
        }
    }

    /// <summary>
    /// What can't be read is answered all the same where its kind is legible: a VTN that waits for an answer must not wait for ever, and one that
    /// sends by mistake learns of it.
    /// </summary>
    public static bool AnswerUnreadable(Turn turn, VenInput.ReplyRefused reply)
    {
        if (turn.State.Registration is not { } registration || reply.Request.Purpose is not (Owed.Poll or Owed.RequestEvents))
        {
            return false;
        }

        // OpenADR 2.0b rules 33, 35: the error's own code, for the payload as a whole.
        var response = new EiResponse(OadrCodes.Of(reply.Refusal), reply.Refusal.Detail, reply.MessageRequestId ?? string.Empty);
        Owed? answer = reply.Message switch
        {
            "oadrDistributeEvent" => new Owed.AnswerEvents(response, []),
            "oadrCreateReport" => new Owed.ConfirmReports(response),
            "oadrCancelReport" => new Owed.ConfirmCancelledReports(response),
            "oadrRegisterReport" => new Owed.AcceptMetadata(response),
            "oadrUpdateReport" => new Owed.AcceptReportData(response),
            "oadrCancelPartyRegistration" => new Owed.ConfirmCancelledRegistration(response, null, registration.VenId),
            "oadrRequestReregistration" => new Owed.Acknowledge(OadrServiceName.EiRegisterParty, response, registration.VenId),
            _ => null,
        };
        if (answer is not null)
        {
            turn.Owe(answer);
        }

        return answer is not null;
    }

    private static void Empty(Turn turn, EiResponse response)
    {
        Line.QueueEmpty(turn);

        // OpenADR 2.0b rule 517: 463 = not registered there, 452 = the ID is wrong. Any other error counts as a failure of the poll.
        if (!response.IsSuccess)
        {
            turn.PollProblem = $"code {Conversation.Describe(response)}: the VTN does not know this VEN";
            RegistrationRules.Disowned(turn, response.Code);
        }
    }
}
