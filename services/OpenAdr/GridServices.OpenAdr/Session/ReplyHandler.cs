using System.Collections.Frozen;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;

namespace GridServices.OpenAdr.Session;

/// <summary>What a reply means, by what was asked.</summary>
internal static class ReplyHandler
{
    public static void Handle(StepContext context, VenInput.ReplyReceived reply)
    {
        var request = reply.Request;
        if (request.RequestId.Length > 0 && request.Purpose.Number is null)
        {
            context.State = context.State with { Requests = context.State.Requests + 1 };
        }

        // Only what made sense counts as being heard: a VTN that talks nonsense is spoken to more and more slowly.
        if (context.State.Registration is not null && RefusalIn(request.Purpose, reply.Message) is { } refusal)
        {
            Refused(context, request.Purpose, refusal, reply.Message);
        }
        else if (request.Purpose is PendingRequest.RequestEvents && IsAnothersList(context, reply.Message))
        {
            // OpenADR 2.0b rules 21, 512: answered as such; the question stays, is shown as unanswered, and is asked again ever more slowly.
            EventLedger.Receive(context, (OadrDistributeEvent)reply.Message, reply.Sha256);
            LinkPolicy.Postpone(context, request.Purpose, context.PollProblem!, isAnothers: true);
        }
        else if (Dispatch(context, request, reply.Message, reply.Sha256))
        {
            OnAnswered(context, request.Purpose);
        }
        else
        {
            LinkPolicy.Unexpected(context, request.Purpose, reply.Message);
        }
    }

    // 463 and 452 say that the VTN does not know the VEN, whatever it calls itself.
    private static bool IsAnothersList(StepContext context, OadrMessage message) => context.State.Registration is { VtnId: var ours }
        && message is OadrDistributeEvent { VtnId: var its, Response: null or { IsSuccess: true } } && its != ours;

    /// <summary>HTTP 2xx without a body: enough for an acknowledgement, never for a question.</summary>
    public static void HandleEmpty(StepContext context, VenInput.ReplyEmpty reply)
    {
        var request = reply.Request;
        if (request.Purpose.NeedsContent)
        {
            LinkPolicy.EmptyReply(context, request.Purpose, reply.HttpStatus);
            return;
        }

        // Profile section 9.1.5: 200 says that the VTN has the message; all that could follow is its thanks.
        if (request.Purpose is PendingRequest.SendReport send)
        {
            context.State = context.State with { Requests = context.State.Requests + (send.Number is null ? 1 : 0) };
            ReportSchedule.Advance(context, send);
        }
        else
        {
            context.Complete(request.Purpose);
        }

        OnAnswered(context, request.Purpose);
    }

    private static void OnAnswered(StepContext context, PendingRequest item)
    {
        var wasAway = context.State.Link is { InDoubt: true } or { LostSince: not null };
        LinkPolicy.OnAnswered(context);
        if (wasAway)
        {
            PushHandler.ResyncAfterLoss(context, item);
        }

        if (item is PendingRequest.Poll)
        {
            LostAnswers.PollHeard(context);
        }

        if (!context.IsPending(item))
        {
            Delivery.OnAccepted(context, item);
        }
    }

    private static bool Dispatch(StepContext context, VenNext.SendRequest request, OadrMessage message, string sha256)
    {
        switch (request.Purpose, message)
        {
            case (PendingRequest.QueryRegistration query, OadrCreatedPartyRegistration offer):
                RegistrationRules.Offered(context, query, offer, request.RequestId);
                break;
            case (PendingRequest.Register register, OadrCreatedPartyRegistration created):
                RegistrationRules.Created(context, register, created, request.RequestId);
                break;
            case (PendingRequest.CancelRegistration, OadrCanceledPartyRegistration cancelled):
                RegistrationRules.CancelAnswered(context, request.Purpose, cancelled.Response);
                break;
            case (PendingRequest.Register or PendingRequest.QueryRegistration, OadrResponse refusal):
                RegistrationRules.Refused(context, request.Purpose, refusal.Response.Code, null, Describe(refusal.Response));
                break;
            case (PendingRequest.CancelRegistration, OadrResponse answer):
                RegistrationRules.CancelAnswered(context, request.Purpose, answer.Response);
                break;

            // OpenADR 2.0b rule 405: until registered, what the VTN sends is ignored.
            case (not (PendingRequest.ConfirmCancelledRegistration or PendingRequest.Acknowledge or PendingRequest.QueryRegistration or PendingRequest.Register), _) when context.State.Registration is null:
                context.Warn(NoteKind.MessageIgnored, null, $"Ignored {message.Name}: the VEN is not registered.");
                break;
            // OpenADR 2.0b rule 517: a VTN that has forgotten us may say so in any kind of answer.
            case (_, OadrUpdatedReport { Response.Code: OadrCodes.NotRegistered } or OadrRegisteredReport { Response.Code: OadrCodes.NotRegistered }
                or OadrCreatedReport { Response.Code: OadrCodes.NotRegistered } or OadrCanceledReport { Response.Code: OadrCodes.NotRegistered } or OadrDistributeEvent { Response.Code: OadrCodes.NotRegistered }
                or OadrCreatedOpt { Response.Code: OadrCodes.NotRegistered } or OadrCanceledOpt { Response.Code: OadrCodes.NotRegistered }):
                Forgotten(context, request.Purpose, OadrCodes.NotRegistered);
                break;

            // OpenADR 2.0b rule 517: 452 says that the IDs are wrong there.
            case (PendingRequest.RequestEvents, OadrResponse { Response.Code: OadrCodes.InvalidId } or OadrDistributeEvent { Response.Code: OadrCodes.InvalidId }):
                Forgotten(context, request.Purpose, OadrCodes.InvalidId);
                break;
            case (PendingRequest.Poll, _):
                PollResultHandler.Handle(context, message, sha256);
                break;

            // A VTN that has forgotten us says so in reply to whatever we send; in reply to a registration it would make no sense.
            case (not (PendingRequest.Register or PendingRequest.QueryRegistration or PendingRequest.CancelRegistration or PendingRequest.ConfirmCancelledRegistration), OadrRequestReregistration asked):
                RegistrationRules.RequestedInReply(context, request.Purpose, asked);
                break;

            // OpenADR 2.0b rules 407, 517: to the cancellation it says that there is nothing left to cancel.
            case (PendingRequest.CancelRegistration, OadrRequestReregistration asked) when asked.VenId.Length == 0 || asked.VenId == context.State.Registration?.VenId:
                RegistrationRules.CancelledThere(context, request.Purpose, OadrCodes.NotRegistered);
                break;
            case (_, OadrResponse { Response.Code: OadrCodes.NotRegistered }) when context.State.Registration is not null:
                Forgotten(context, request.Purpose, OadrCodes.NotRegistered);
                break;
            case (PendingRequest.CreateOpt create, OadrCreatedOpt created) when created.OptId == create.OptId:
                OptLedger.Created(context, create);
                break;

            // A VTN that does not know the opt (452) has nothing to cancel.
            case (PendingRequest.CancelOpt cancel, OadrCanceledOpt { OptId: { Length: > 0 } other }) when other != cancel.OptId:
                return false;
            case (PendingRequest.CancelOpt cancel, OadrCanceledOpt or OadrResponse { Response.Code: OadrCodes.InvalidId }):
                OptLedger.Cancelled(context, cancel);
                break;
            case (PendingRequest.CreateOpt or PendingRequest.CancelOpt, _):
                return false;
            case (_, OadrResponse { Response.IsSuccess: false } refusal):
                Abandon(context, request.Purpose, refusal.Response);
                break;
            case (PendingRequest.RequestEvents, OadrDistributeEvent events):
                Resync.Compare(context, request.Purpose, events);
                context.Complete(request.Purpose);
                if (EventLedger.Receive(context, events, sha256, isAsked: true) is { } listed)
                {
                    UnlistedEvents.Note(context, listed);
                    Resync.Done(context);
                }

                break;

            // openleadr answers a request for events with oadrResponse when it has none: nothing is listed, so nothing is implied.
            case (PendingRequest.RequestEvents, OadrResponse):
                context.Complete(request.Purpose);
                UnlistedEvents.Note(context, FrozenSet<string>.Empty);
                Resync.Done(context);
                Resync.Listed(context);
                break;
            case (PendingRequest.PublishMetadata, OadrRegisteredReport registered):
                ReportSchedule.MetadataAnswered(context, request.Purpose, registered);
                break;
            case (PendingRequest.SendReport send, OadrUpdatedReport updated):
                ReportSchedule.Delivered(context, send, updated);
                break;
            case (PendingRequest.SendReport send, OadrResponse):
                ReportSchedule.Advance(context, send);
                break;
            case (PendingRequest.AcceptMetadata { Asks: not null } answer, OadrCreatedReport created):
                VtnReports.OnAnswered(context, answer, created.Response);
                break;
            case (PendingRequest.RequestVtnMetadata asked, OadrCreatedReport created):
                VtnReports.Answered(context, asked, asked.ReportRequestId ?? request.RequestId, created.Response);
                break;
            case (PendingRequest.CancelVtnMetadata cancel, OadrCanceledReport cancelled):
                VtnReports.Cancelled(context, cancel, (OadrCancelReport)request.Message, cancelled.Response);
                break;
            case (PendingRequest.CancelVtnMetadata cancel, OadrResponse done):
                VtnReports.Cancelled(context, cancel, (OadrCancelReport)request.Message, done.Response);
                break;
            case (_, OadrResponse):
                context.Complete(request.Purpose);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>The code that says that the message was not taken; null: it was, or the VTN doesn't know the VEN, or it is about registering.</summary>
    private static EiResponse? RefusalIn(PendingRequest item, OadrMessage message)
    {
        if (FindPassingError(item, message) is { } passing)
        {
            return passing;
        }

        var response = (item, message) switch
        {
            (PendingRequest.Register or PendingRequest.QueryRegistration or PendingRequest.CancelRegistration, _) => null,
            (PendingRequest.CancelOpt, OadrCanceledOpt { Response.Code: OadrCodes.InvalidId } or OadrResponse { Response.Code: OadrCodes.InvalidId }) => null,
            (_, OadrResponse answer) => answer.Response,
            (PendingRequest.CreateOpt, OadrCreatedOpt created) => created.Response,
            (PendingRequest.CancelOpt, OadrCanceledOpt cancelled) => cancelled.Response,
            (PendingRequest.SendReport, OadrUpdatedReport updated) => updated.Response,
            (PendingRequest.PublishMetadata, OadrRegisteredReport registered) => registered.Response,
            (PendingRequest.Poll or PendingRequest.RequestEvents, OadrDistributeEvent events) => events.Response,
            _ => null,
        };
        var isUnknown = response?.Code == OadrCodes.NotRegistered || (response?.Code == OadrCodes.InvalidId && item is PendingRequest.Poll or PendingRequest.RequestEvents);
        return response is { IsSuccess: false } && !isUnknown ? response : null;
    }

    // Of these answers another code is final, and who handles the answer says what follows.
    private static EiResponse? FindPassingError(PendingRequest item, OadrMessage message)
    {
        var response = (item, message) switch
        {
            (PendingRequest.CancelRegistration, OadrCanceledPartyRegistration cancelled) => cancelled.Response,
            (PendingRequest.CancelRegistration, OadrResponse answer) => answer.Response,
            (PendingRequest.RequestVtnMetadata or PendingRequest.AcceptMetadata { Asks: not null }, OadrCreatedReport created) => created.Response,
            (PendingRequest.CancelVtnMetadata, OadrCanceledReport cancelled) => cancelled.Response,
            _ => null,
        };
        return response is not null && IsPassing(response) ? response : null;
    }

    private static bool IsPassing(EiResponse response) => response.Code is >= 500 and < 600;

    // An error of the VTN's own (5xx) passes, as HTTP 5xx does. Anything else would be answered the same again; where something is lost by that,
    // a person is told.
    private static void Refused(StepContext context, PendingRequest item, EiResponse response, OadrMessage message)
    {
        var isPassing = IsPassing(response);
        if (item is PendingRequest.CreateOpt create && !isPassing)
        {
            OptLedger.Refused(context, create, response);
        }

        if (isPassing || item is PendingRequest.Poll or PendingRequest.CreateOpt or PendingRequest.CancelOpt or PendingRequest.RequestEvents or PendingRequest.PublishMetadata or PendingRequest.SendReport or PendingRequest.AnswerEvents { Responses.Count: > 0 })
        {
            LinkPolicy.Refused(context, item, response, final: !isPassing);
        }
        else
        {
            Abandon(context, item, response);
            LinkPolicy.OnAnswered(context);
        }

        if (item is PendingRequest.SendReport report && response.Code == OadrCodes.InvalidId)
        {
            ReportSchedule.Forgotten(context, report);
        }

        // OpenADR 2.0b rules 328, 335: a cancellation may ride on the answer.
        if (message is OadrUpdatedReport { CancelReport: { } cancel })
        {
            ReportSchedule.Cancelled(context, cancel, item);
        }
    }

    private static void Abandon(StepContext context, PendingRequest item, EiResponse response)
    {
        context.Complete(item);
        VtnReports.Drop(context, item);
        context.Warn(NoteKind.MessageRefused, null, $"The VTN refused {PendingRequestText.Describe(item)} with {Describe(response)}.");
    }

    private static void Forgotten(StepContext context, PendingRequest item, int code)
    {
        RegistrationRules.Disowned(context, code);
        if (context.State.Registration is null)
        {
            // It was the answer to a cancellation; what was said went with the registration.
            return;
        }

        LinkPolicy.Postpone(context, item, code == OadrCodes.NotRegistered ? "463: not registered" : $"{code}: the IDs are wrong there");
    }

    internal static string Describe(EiResponse response) =>
        string.IsNullOrWhiteSpace(response.Description) ? $"{response.Code}" : $"{response.Code} ({SafeText.Short(response.Description)})";
}
