using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>What is owed, as the message that pays it.</summary>
internal static class Requests
{
    public static VenNext.SendRequest For(VenConfig config, VenState state, PendingRequest item, Instant now)
    {
        var requestId = HasRequestId(item) ? $"req-{item.Number ?? (state.Requests + 1)}{Mark(config, state, item)}" : string.Empty;
        var venId = state.Registration?.VenId;
        return new VenNext.SendRequest(Message(config, state, item, requestId, venId, now), GetService(item), requestId, item);
    }

    /// <summary>The message of an answer: it has no requestID of ours and no time.</summary>
    public static OadrMessage Answer(VenConfig config, VenState state, PendingRequest item) =>
        Message(config, state, item, string.Empty, state.Registration?.VenId, default);

    private static OadrMessage Message(VenConfig config, VenState state, PendingRequest item, string requestId, string? venId, Instant now) => item switch
    {
        // OpenADR 2.0b rule 501: the poll carries the venID and nothing else.
        PendingRequest.Poll => new OadrPoll(venId!),
        PendingRequest.QueryRegistration => new OadrQueryRegistration(requestId),
        PendingRequest.Register register => Register(config, state, register.Again, requestId),
        PendingRequest.CancelRegistration => new OadrCancelPartyRegistration(requestId, state.Registration!.RegistrationId, venId),
        PendingRequest.ConfirmCancelledRegistration c => new OadrCanceledPartyRegistration(c.Response, c.RegistrationId, c.VenId),
        PendingRequest.Acknowledge a => new OadrResponse(a.Response, a.VenId),
        PendingRequest.PublishMetadata m => Metadata.Create(config, state, m.ReportRequestId, requestId, now),
        PendingRequest.AcceptMetadata m => new OadrRegisteredReport(m.Response, m.Asks is { } ask ? [Metadata.Request(ask.ReportRequestId, ask.ReportBack)] : [], venId),
        PendingRequest.RequestVtnMetadata r => new OadrCreateReport(requestId, [Metadata.Request(r.ReportRequestId ?? requestId, r.ReportBack)], venId),
        PendingRequest.CancelVtnMetadata => new OadrCancelReport(requestId, state.VtnReports.Select(r => r.ReportRequestId).ToValueList(), ReportToFollow: false, venId),
        PendingRequest.RequestEvents => new OadrRequestEvent(requestId, venId!),
        PendingRequest.AnswerEvents a => new OadrCreatedEvent(a.Response, a.Responses, venId!),
        PendingRequest.ConfirmReports c => new OadrCreatedReport(c.Response, ReportSchedule.Pending(state), venId),
        PendingRequest.ConfirmCancelledReports c => new OadrCanceledReport(c.Response, ReportSchedule.Pending(state), venId),
        PendingRequest.AcceptReportData a => new OadrUpdatedReport(a.Response, null, venId),
        PendingRequest.CreateOpt o => OptMessage.Create(state, o.OptId, requestId),
        PendingRequest.CancelOpt o => OptMessage.Cancel(state, o.OptId, requestId),
        PendingRequest.SendReport s => ReportWriter.Write(config, state, s, requestId, now),
        _ => throw new InvalidOperationException($"Nothing is known of how to send {item.GetType().Name}."),
    };

    // OpenADR 2.0b rule 402: a pull VEN says so, a push VEN where it is reached; registrationID and venID when registering again; no registrationID on a new registration,
    // and as venID then only one agreed beforehand.
    // OpenADR 2.0b rule 514: a VTN may sign only to VENs that say they take signatures.
    private static OadrCreatePartyRegistration Register(VenConfig config, VenState state, bool again, string requestId) => new()
    {
        RequestId = requestId,
        RegistrationId = again ? state.Registration?.RegistrationId : null,
        VenId = again ? state.Registration?.VenId : config.VenId,
        ProfileName = OadrProfileName.Profile20b,
        TransportName = OadrTransportName.SimpleHttp,
        TransportAddress = config.Transport == VenTransport.Push ? config.TransportAddress : null,
        ReportOnly = false,
        XmlSignature = config.Profile.Signatures != SignatureMode.Off,
        VenName = config.VenName,
        HttpPullModel = config.Transport == VenTransport.Pull,
    };

    // The signed answer to these is trusted for naming the requestID: one that counts from 1 names any new VEN's.
    private static string Mark(VenConfig config, VenState state, PendingRequest item) =>
        config.Profile.Signatures != SignatureMode.Off && state.RequestMark is { } mark && item is (PendingRequest.QueryRegistration or PendingRequest.Register) ? $"-{mark}" : string.Empty;

    /// <summary>The number under which an item goes that was not answered, and the state in which no other gets it (profile section 9.1.7).</summary>
    public static (VenState State, long? Number) AssignNumber(VenState state, PendingRequest item, Failure failure) =>
        !failure.IsUnanswered || !HasRequestId(item) ? (state, null)
        : item.Number is { } known ? (state, known)
        : (state with { Requests = state.Requests + 1 }, state.Requests + 1);

    private static bool HasRequestId(PendingRequest item) => item is PendingRequest.QueryRegistration or PendingRequest.Register or PendingRequest.CancelRegistration or PendingRequest.PublishMetadata
        or PendingRequest.RequestVtnMetadata or PendingRequest.CancelVtnMetadata or PendingRequest.RequestEvents or PendingRequest.SendReport or PendingRequest.CreateOpt or PendingRequest.CancelOpt;

    private static OadrServiceName GetService(PendingRequest item) => item switch
    {
        PendingRequest.Poll => OadrServiceName.OadrPoll,
        PendingRequest.Acknowledge a => a.Service,
        PendingRequest.RequestEvents or PendingRequest.AnswerEvents => OadrServiceName.EiEvent,
        PendingRequest.QueryRegistration or PendingRequest.Register or PendingRequest.CancelRegistration or PendingRequest.ConfirmCancelledRegistration => OadrServiceName.EiRegisterParty,
        PendingRequest.CreateOpt or PendingRequest.CancelOpt => OadrServiceName.EiOpt,
        _ => OadrServiceName.EiReport,
    };
}
