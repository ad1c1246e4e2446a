using System.Xml.Linq;
using NodaTime;
using static GridServices.Simulators.Vtn.Messages.Payload;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>What a VTN says about registration, and plain acknowledgements.</summary>
internal static class RegistrationMessages
{
    public static XElement Response(string code, string description, string? requestId, string? venId) =>
        Root("oadrResponse", EiResponse(code, description, requestId), venId is null ? null : VenId(venId));

    /// <summary>The answer to a query (without IDs while unregistered, rule 403) and to a registration.</summary>
    public static XElement CreatedPartyRegistration(
        string code, string description, string? requestId, string? registrationId, string? venId, string vtnId, Duration pollFrequency) =>
        Root(
            "oadrCreatedPartyRegistration",
            EiResponse(code, description, requestId),
            registrationId is null ? null : new XElement(Ns.Ei + "registrationID", registrationId),
            venId is null ? null : VenId(venId),
            new XElement(Ns.Ei + "vtnID", vtnId),
            new XElement(
                Ns.Oadr + "oadrProfiles",
                new XElement(
                    Ns.Oadr + "oadrProfile",
                    new XElement(Ns.Oadr + "oadrProfileName", "2.0b"),
                    new XElement(Ns.Oadr + "oadrTransports", new XElement(Ns.Oadr + "oadrTransport", new XElement(Ns.Oadr + "oadrTransportName", "simpleHttp"))))),
            new XElement(Ns.Oadr + "oadrRequestedOadrPollFreq", new XElement(Ns.Xcal + "duration", IsoText.Format(pollFrequency))));

    public static XElement CanceledPartyRegistration(string code, string description, string? requestId, string? registrationId, string? venId) =>
        Root(
            "oadrCanceledPartyRegistration",
            EiResponse(code, description, requestId),
            registrationId is null ? null : new XElement(Ns.Ei + "registrationID", registrationId),
            venId is null ? null : VenId(venId));

    public static XElement CancelPartyRegistration(string requestId, string registrationId, string venId) =>
        Root("oadrCancelPartyRegistration", RequestId(requestId), new XElement(Ns.Ei + "registrationID", registrationId), VenId(venId));

    public static XElement RequestReregistration(string venId) => Root("oadrRequestReregistration", VenId(venId));

    public static XElement CreatedOpt(string code, string description, string? requestId, string optId) =>
        Root("oadrCreatedOpt", EiResponse(code, description, requestId), new XElement(Ns.Ei + "optID", optId));

    public static XElement CanceledOpt(string code, string description, string? requestId, string optId) =>
        Root("oadrCanceledOpt", EiResponse(code, description, requestId), new XElement(Ns.Ei + "optID", optId));
}
