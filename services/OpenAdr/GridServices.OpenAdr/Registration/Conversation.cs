using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;

namespace GridServices.OpenAdr.Registration;

/// <summary>What a reply means, by what was asked.</summary>
internal static class Conversation
{
    public static void Take(Turn turn, VenInput.ReplyReceived reply)
    {
        var request = reply.Request;
        if (request.RequestId.Length > 0)
        {
            turn.State = turn.State with { Requests = turn.State.Requests + 1 };
        }

        // Only what made sense counts as being heard: a VTN that talks nonsense is spoken to more and more slowly.
        if (turn.State.Registration is not null && RefusalIn(request.Purpose, reply.Message) is { } refusal)
        {
            Refused(turn, request.Purpose, refusal, reply.Message);
        }
        else if (Understand(turn, request, reply.Message, reply.Sha256))
        {
            Heard(turn, request.Purpose);
        }
        else
        {
            Line.Unexpected(turn, request.Purpose, reply.Message);
        }
    }

    /// <summary>HTTP 2xx without a body: enough for an acknowledgement, never for a question.</summary>
    public static void TakeEmpty(Turn turn, VenInput.ReplyEmpty reply)
    {
        var request = reply.Request;
        if (request.Purpose.NeedsContent)
        {
            Line.SaidNothing(turn, request.Purpose, reply.HttpStatus);
            return;
        }

        // Profile section 9.1.5: 200 says that the VTN has the message; all that could follow is its thanks.
        if (request.Purpose is Owed.SendReport send)
        {
            turn.State = turn.State with { Requests = turn.State.Requests + 1 };
            ReportSchedule.Advance(turn, send);
        }
        else
        {
            turn.Settle(request.Purpose);
        }

        Heard(turn, request.Purpose);
    }

    private static void Heard(Turn turn, Owed item)
    {
        Line.Heard(turn);
        if (!turn.IsOwed(item))
        {
            Delivery.Taken(turn, item);
        }
    }

    private static bool Understand(Turn turn, VenNext.SendRequest request, OadrMessage message, string sha256)
    {
        switch (request.Purpose, message)
        {
            case (Owed.QueryRegistration query, OadrCreatedPartyRegistration offer):
                RegistrationRules.Offered(turn, query, offer, request.RequestId);
                break;
            case (Owed.Register register, OadrCreatedPartyRegistration created):
                RegistrationRules.Created(turn, register, created, request.RequestId);
                break;
            case (Owed.CancelRegistration, OadrCanceledPartyRegistration cancelled):
                RegistrationRules.CancelAnswered(turn, request.Purpose, cancelled.Response);
                break;
            case (Owed.Register or Owed.QueryRegistration, OadrResponse refusal):
                RegistrationRules.Refused(turn, request.Purpose, refusal.Response.Code, null, Describe(refusal.Response));
                break;
            case (Owed.CancelRegistration, OadrResponse answer):
                RegistrationRules.CancelAnswered(turn, request.Purpose, answer.Response);
                break;

            // OpenADR 2.0b rule 405: until registered, what the VTN sends is ignored.
            case (not (Owed.ConfirmCancelledRegistration or Owed.Acknowledge or Owed.QueryRegistration or Owed.Register), _) when turn.State.Registration is null:
                turn.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name}: the VEN is not registered.");
                break;
            // OpenADR 2.0b rule 517: a VTN that has forgotten us may say so in any kind of answer.
            case (_, OadrUpdatedReport { Response.Code: OadrCodes.NotRegistered } or OadrRegisteredReport { Response.Code: OadrCodes.NotRegistered }
                or OadrCreatedReport { Response.Code: OadrCodes.NotRegistered } or OadrDistributeEvent { Response.Code: OadrCodes.NotRegistered }):
                Forgotten(turn, request.Purpose, OadrCodes.NotRegistered);
                break;

            // OpenADR 2.0b rule 517: 452 says that the IDs are wrong there.
            case (Owed.RequestEvents, OadrResponse { Response.Code: OadrCodes.InvalidId } or OadrDistributeEvent { Response.Code: OadrCodes.InvalidId }):
                Forgotten(turn, request.Purpose, OadrCodes.InvalidId);
                break;
            case (Owed.Poll, _):
                Inbox.Take(turn, message, sha256);
                break;

            // A VTN that has forgotten us says so in reply to whatever we send; in reply to a registration it would make no sense.
            case (not (Owed.Register or Owed.QueryRegistration or Owed.CancelRegistration or Owed.ConfirmCancelledRegistration), OadrRequestReregistration asked):
                RegistrationRules.RequestedInReply(turn, request.Purpose, asked);
                break;
            case (_, OadrResponse { Response.Code: OadrCodes.NotRegistered }) when turn.State.Registration is not null:
                Forgotten(turn, request.Purpose, OadrCodes.NotRegistered);
                break;
            case (_, OadrResponse { Response.IsSuccess: false } refusal):
                GiveUp(turn, request.Purpose, refusal.Response);
                break;
            case (Owed.RequestEvents, OadrDistributeEvent events):
                turn.Settle(request.Purpose);
                EventLedger.Receive(turn, events, sha256);
                break;

            // openleadr answers a request for events with oadrResponse when it has none: nothing is listed, so nothing is implied.
            case (Owed.RequestEvents, OadrResponse):
                turn.Settle(request.Purpose);
                break;
            case (Owed.PublishMetadata, OadrRegisteredReport registered):
                ReportSchedule.MetadataAnswered(turn, request.Purpose, registered);
                break;
            case (Owed.SendReport send, OadrUpdatedReport updated):
                ReportSchedule.Delivered(turn, send, updated);
                break;
            case (Owed.SendReport send, OadrResponse):
                ReportSchedule.Advance(turn, send);
                break;
            case (Owed.RequestVtnMetadata, OadrCreatedReport created):
                turn.Settle(request.Purpose);
                turn.Inform(NoteKind.ReportRequested, $"The VTN answered the request for its METADATA with {Describe(created.Response)}.");
                break;
            case (_, OadrResponse):
                turn.Settle(request.Purpose);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>The code that says that the message was not taken; null: it was, or the VTN doesn't know the VEN, or it is about registering.</summary>
    private static EiResponse? RefusalIn(Owed item, OadrMessage message)
    {
        var response = (item, message) switch
        {
            (Owed.Register or Owed.QueryRegistration or Owed.CancelRegistration, _) => null,
            (_, OadrResponse answer) => answer.Response,
            (Owed.SendReport, OadrUpdatedReport updated) => updated.Response,
            (Owed.PublishMetadata, OadrRegisteredReport registered) => registered.Response,
            (Owed.Poll or Owed.RequestEvents, OadrDistributeEvent events) => events.Response,
            _ => null,
        };
        var isUnknown = response?.Code == OadrCodes.NotRegistered || (response?.Code == OadrCodes.InvalidId && item is Owed.Poll or Owed.RequestEvents);
        return response is { IsSuccess: false } && !isUnknown ? response : null;
    }

    // An error of the VTN's own (5xx) passes, as HTTP 5xx does. Anything else would be answered the same again; where something is lost by that,
    // a person is told.
    private static void Refused(Turn turn, Owed item, EiResponse response, OadrMessage message)
    {
        var isPassing = response.Code is >= 500 and < 600;
        if (isPassing || item is Owed.Poll or Owed.RequestEvents or Owed.PublishMetadata or Owed.SendReport or Owed.AnswerEvents { Responses.Count: > 0 })
        {
            Line.Refused(turn, item, response, final: !isPassing);
        }
        else
        {
            GiveUp(turn, item, response);
            Line.Heard(turn);
        }

        // OpenADR 2.0b rules 328, 335: a cancellation may ride on the answer.
        if (message is OadrUpdatedReport { CancelReport: { } cancel })
        {
            ReportSchedule.Cancelled(turn, cancel);
        }
    }

    private static void GiveUp(Turn turn, Owed item, EiResponse response)
    {
        turn.Settle(item);
        turn.Warn(NoteKind.MessageRefused, null, $"The VTN refused {OwedText.Of(item)} with {Describe(response)}.");
    }

    private static void Forgotten(Turn turn, Owed item, int code)
    {
        RegistrationRules.Disowned(turn, code);
        Line.Postpone(turn, item, code == OadrCodes.NotRegistered ? "463: not registered" : $"{code}: the IDs are wrong there");
    }

    internal static string Describe(EiResponse response) =>
        string.IsNullOrWhiteSpace(response.Description) ? $"{response.Code}" : $"{response.Code} ({Printable.Line(response.Description)})";
}
