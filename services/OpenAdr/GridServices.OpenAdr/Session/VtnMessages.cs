using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;

namespace GridServices.OpenAdr.Session;

/// <summary>What a VTN may send of its own accord, and whom such a message is for.</summary>
public static class VtnMessages
{
    /// <summary>The VEN's endpoint at which the message belongs (OpenADR 2.0b rule 511); null: no VTN sends it of its own accord.</summary>
    public static OadrServiceName? FindService(OadrMessage message) => message switch
    {
        OadrDistributeEvent => OadrServiceName.EiEvent,
        OadrCreateReport or OadrCancelReport or OadrRegisterReport or OadrUpdateReport => OadrServiceName.EiReport,
        OadrRequestReregistration or OadrCancelPartyRegistration => OadrServiceName.EiRegisterParty,
        _ => null,
    };

    /// <summary>Empty where the message has none.</summary>
    public static string GetRequestId(OadrMessage message) => message switch
    {
        OadrDistributeEvent m => m.RequestId,
        OadrCreateReport m => m.RequestId,
        OadrCancelReport m => m.RequestId,
        OadrRegisterReport m => m.RequestId,
        OadrUpdateReport m => m.RequestId,
        OadrCancelPartyRegistration m => m.RequestId,
        OadrPoll or OadrRequestReregistration => string.Empty,
        OadrQueryRegistration m => m.RequestId,
        OadrCreatePartyRegistration m => m.RequestId,
        OadrRequestEvent m => m.RequestId,
        OadrCreateOpt m => m.RequestId,
        OadrCancelOpt m => m.RequestId,
        _ => string.Empty,
    };

    /// <summary>True where the IDs in the message, as far as it has any, are those of the registration.</summary>
    public static bool IsFor(OadrMessage message, VenRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        return message is OadrDistributeEvent events
            ? events.VtnId == registration.VtnId
            : FindVenId(message) is not { Length: > 0 } venId || venId == registration.VenId;
    }

    /// <summary>True where an event in the message names the venID as its target: a distribution has no venID of its own.</summary>
    public static bool Targets(OadrMessage message, string venId) =>
        message is OadrDistributeEvent { Events: var events } && events.Any(e => e.Value?.Target?.VenIds.Contains(venId) == true);

    /// <summary>True where the message names something that only this VEN has: its registration, or a report that it owes. A VTN may leave the venID out.</summary>
    public static bool Names(OadrMessage message, VenState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return message switch
        {
            OadrCancelPartyRegistration cancel => cancel.RegistrationId is { Length: > 0 } id && id == state.Registration?.RegistrationId,
            OadrCancelReport cancel => cancel.ReportRequestIds.Any(id => state.Reports.Any(r => r.ReportRequestId == id) || state.Metadata.Any(m => m.ReportRequestId == id)),
            OadrUpdateReport update => update.Reports.Any(report => state.VtnReports.Any(r => r.ReportRequestId == report.ReportRequestId)),
            _ => false,
        };
    }

    private static string? FindVenId(OadrMessage message) => message switch
    {
        OadrCreateReport m => m.VenId,
        OadrCancelReport m => m.VenId,
        OadrRegisterReport m => m.VenId,
        OadrUpdateReport m => m.VenId,
        OadrCancelPartyRegistration m => m.VenId,
        OadrRequestReregistration m => m.VenId,
        _ => null,
    };
}
