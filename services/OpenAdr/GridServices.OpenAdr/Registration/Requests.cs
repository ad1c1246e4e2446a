using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>What is owed, as the message that pays it.</summary>
internal static class Requests
{
    public static VenNext.SendRequest For(VenConfig config, VenState state, Owed item, Instant now)
    {
        var requestId = HasRequestId(item) ? $"req-{state.Requests + 1}" : string.Empty;
        var venId = state.Registration?.VenId;
        return new VenNext.SendRequest(Message(config, state, item, requestId, venId, now), ServiceOf(item), requestId, item);
    }

    private static OadrMessage Message(VenConfig config, VenState state, Owed item, string requestId, string? venId, Instant now) => item switch
    {
        // OpenADR 2.0b rule 501: the poll carries the venID and nothing else.
        Owed.Poll => new OadrPoll(venId!),
        Owed.QueryRegistration => new OadrQueryRegistration(requestId),
        Owed.Register register => Register(config, state, register.Again, requestId),
        Owed.CancelRegistration => new OadrCancelPartyRegistration(requestId, state.Registration!.RegistrationId, venId),
        Owed.ConfirmCancelledRegistration c => new OadrCanceledPartyRegistration(c.Response, c.RegistrationId, c.VenId),
        Owed.Acknowledge a => new OadrResponse(a.Response, a.VenId),
        Owed.PublishMetadata m => Metadata.Of(config, state, m.ReportRequestId, requestId, now),
        Owed.AcceptMetadata m => new OadrRegisteredReport(m.Response, [], venId),
        Owed.RequestVtnMetadata => new OadrCreateReport(requestId, [Metadata.Request(requestId)], venId),
        Owed.RequestEvents => new OadrRequestEvent(requestId, venId!),
        Owed.AnswerEvents a => new OadrCreatedEvent(a.Response, a.Responses, venId!),
        Owed.ConfirmReports c => new OadrCreatedReport(c.Response, ReportSchedule.Pending(state), venId),
        Owed.ConfirmCancelledReports c => new OadrCanceledReport(c.Response, ReportSchedule.Pending(state), venId),
        Owed.AcceptReportData a => new OadrUpdatedReport(a.Response, null, venId),
        Owed.SendReport s => ReportWriter.Write(config, state, s, requestId, now),
        _ => throw new InvalidOperationException($"Nothing is known of how to send {item.GetType().Name}."),
    };

    // OpenADR 2.0b rule 402: a pull VEN says so; registrationID and venID when registering again; no registrationID on a new registration,
    // and as venID then only one agreed beforehand.
    private static OadrCreatePartyRegistration Register(VenConfig config, VenState state, bool again, string requestId) => new()
    {
        RequestId = requestId,
        RegistrationId = again ? state.Registration?.RegistrationId : null,
        VenId = again ? state.Registration?.VenId : config.VenId,
        ProfileName = OadrProfileName.Profile20b,
        TransportName = OadrTransportName.SimpleHttp,
        ReportOnly = false,
        XmlSignature = false,
        VenName = config.VenName,
        HttpPullModel = config.Transport == VenTransport.Pull,
    };

    private static bool HasRequestId(Owed item) => item is Owed.QueryRegistration or Owed.Register or Owed.CancelRegistration or Owed.PublishMetadata
        or Owed.RequestVtnMetadata or Owed.RequestEvents or Owed.SendReport;

    private static OadrServiceName ServiceOf(Owed item) => item switch
    {
        Owed.Poll => OadrServiceName.OadrPoll,
        Owed.Acknowledge a => a.Service,
        Owed.RequestEvents or Owed.AnswerEvents => OadrServiceName.EiEvent,
        Owed.QueryRegistration or Owed.Register or Owed.CancelRegistration or Owed.ConfirmCancelledRegistration => OadrServiceName.EiRegisterParty,
        _ => OadrServiceName.EiReport,
    };
}
