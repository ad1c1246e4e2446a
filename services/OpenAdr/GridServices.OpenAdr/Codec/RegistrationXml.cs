using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;
using static GridServices.OpenAdr.Codec.Ns;
using static GridServices.OpenAdr.Codec.ResponseXml;

namespace GridServices.OpenAdr.Codec;

/// <summary>EiRegisterParty, oadrPoll and oadrResponse.</summary>
internal static class RegistrationXml
{
    private static readonly Terms<OadrProfileName> Profiles = new(("2.0a", OadrProfileName.Profile20a), ("2.0b", OadrProfileName.Profile20b));

    private static readonly Terms<OadrTransportName> Transports = new(("simpleHttp", OadrTransportName.SimpleHttp), ("xmpp", OadrTransportName.Xmpp));

    private static readonly Terms<OadrServiceName> Services = new(
        ("EiEvent", OadrServiceName.EiEvent), ("EiOpt", OadrServiceName.EiOpt), ("EiReport", OadrServiceName.EiReport),
        ("EiRegisterParty", OadrServiceName.EiRegisterParty), ("OadrPoll", OadrServiceName.OadrPoll));

    public static OadrQueryRegistration ReadQuery(ReceivedElement e) => new(e.IdOrEmpty(Pyld + "requestID"));

    public static XElement Write(OadrQueryRegistration m) => new(Oadr + "oadrQueryRegistration", new XElement(Pyld + "requestID", m.RequestId));

    public static OadrCreatePartyRegistration ReadCreate(ReceivedElement e) => new()
    {
        RequestId = e.IdOrEmpty(Pyld + "requestID"),
        RegistrationId = e.IdOrNull(Ei + "registrationID"),
        VenId = e.IdOrNull(Ei + "venID"),
        ProfileName = e.Term(Oadr + "oadrProfileName", Profiles),
        TransportName = e.Term(Oadr + "oadrTransportName", Transports),
        TransportAddress = e.TextOrNull(Oadr + "oadrTransportAddress"),
        ReportOnly = e.Flag(Oadr + "oadrReportOnly"),
        XmlSignature = e.Flag(Oadr + "oadrXmlSignature"),
        VenName = e.TextOrNull(Oadr + "oadrVenName"),
        HttpPullModel = e.FlagOrNull(Oadr + "oadrHttpPullModel"),
    };

    public static XElement Write(OadrCreatePartyRegistration m) =>
        new(Oadr + "oadrCreatePartyRegistration",
            new XElement(Pyld + "requestID", m.RequestId),
            Optional(Ei + "registrationID", m.RegistrationId),
            Optional(Ei + "venID", m.VenId),
            new XElement(Oadr + "oadrProfileName", Profiles.Format(m.ProfileName)),
            new XElement(Oadr + "oadrTransportName", Transports.Format(m.TransportName)),
            Optional(Oadr + "oadrTransportAddress", m.TransportAddress),
            new XElement(Oadr + "oadrReportOnly", m.ReportOnly),
            new XElement(Oadr + "oadrXmlSignature", m.XmlSignature),
            Optional(Oadr + "oadrVenName", m.VenName),
            Optional(Oadr + "oadrHttpPullModel", m.HttpPullModel));

    public static OadrCreatedPartyRegistration ReadCreated(ReceivedElement e)
    {
        var (pollFrequency, fault) = ReadPollFrequency(e);
        return ReadRest(e) with { RequestedPollFrequency = pollFrequency, PollFrequencyFault = fault };
    }

    private static OadrCreatedPartyRegistration ReadRest(ReceivedElement e) => new()
    {
        Response = e.Response(),
        RegistrationId = e.IdOrNull(Ei + "registrationID"),
        VenId = e.IdOrNull(Ei + "venID"),
        VtnId = ReadVtnId(e),
        Profiles = ReadProfiles(e),
        ServiceSpecificInfo = e.ChildOrNull(Oadr + "oadrServiceSpecificInfo")?.Any(
            Oadr + "oadrService", s => new ServiceInfo(s.Term(Oadr + "oadrServiceName", Services), s.Some(Oadr + "oadrInfo", ReadInfo))) ?? [],
        Extensions = e.ChildOrNull(Oadr + "oadrExtensions")?.Any(
            Oadr + "oadrExtension", x => new Extension(x.Text(Oadr + "oadrExtensionName"), x.Any(Oadr + "oadrInfo", ReadInfo))) ?? [],
    };

    // OpenADR 2.0b rule 46: who refuses may leave out the rest; the code must not be lost for it.
    private static string ReadVtnId(ReceivedElement e) => e.Response().IsSuccess ? e.Id(Ei + "vtnID") : e.IdOrNull(Ei + "vtnID") ?? string.Empty;

    private static ValueList<ProfileOffer> ReadProfiles(ReceivedElement e) => e.Response().IsSuccess
        ? e.Child(Oadr + "oadrProfiles").Some(Oadr + "oadrProfile", ReadProfile)
        : e.ChildOrNull(Oadr + "oadrProfiles")?.Any(Oadr + "oadrProfile", ReadProfile) ?? [];

    public static XElement Write(OadrCreatedPartyRegistration m) =>
        new(Oadr + "oadrCreatedPartyRegistration",
            ResponseXml.Write(m.Response),
            Optional(Ei + "registrationID", m.RegistrationId),
            Optional(Ei + "venID", m.VenId),
            new XElement(Ei + "vtnID", m.VtnId),
            new XElement(Oadr + "oadrProfiles", m.Profiles.Select(Write)),
            CalendarXml.DurationOrNull(Oadr + "oadrRequestedOadrPollFreq", m.RequestedPollFrequency),
            m.ServiceSpecificInfo.Count == 0 ? null : new XElement(Oadr + "oadrServiceSpecificInfo", m.ServiceSpecificInfo.Select(s =>
                new XElement(Oadr + "oadrService", new XElement(Oadr + "oadrServiceName", Services.Format(s.Service)), s.Infos.Select(Write)))),
            m.Extensions.Count == 0 ? null : new XElement(Oadr + "oadrExtensions", m.Extensions.Select(x =>
                new XElement(Oadr + "oadrExtension", new XElement(Oadr + "oadrExtensionName", x.Name), x.Infos.Select(Write)))));

    public static OadrCancelPartyRegistration ReadCancel(ReceivedElement e) =>
        new(e.IdOrEmpty(Pyld + "requestID"), e.Id(Ei + "registrationID"), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCancelPartyRegistration m) =>
        new(Oadr + "oadrCancelPartyRegistration",
            new XElement(Pyld + "requestID", m.RequestId), new XElement(Ei + "registrationID", m.RegistrationId), Optional(Ei + "venID", m.VenId));

    public static OadrCanceledPartyRegistration ReadCanceled(ReceivedElement e) =>
        new(e.Response(), e.IdOrNull(Ei + "registrationID"), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCanceledPartyRegistration m) =>
        new(Oadr + "oadrCanceledPartyRegistration",
            ResponseXml.Write(m.Response), Optional(Ei + "registrationID", m.RegistrationId), Optional(Ei + "venID", m.VenId));

    public static OadrRequestReregistration ReadReregistration(ReceivedElement e) => new(e.IdOrEmpty(Ei + "venID"));

    public static XElement Write(OadrRequestReregistration m) => new(Oadr + "oadrRequestReregistration", new XElement(Ei + "venID", m.VenId));

    public static OadrPoll ReadPoll(ReceivedElement e) => new(e.Id(Ei + "venID"));

    public static XElement Write(OadrPoll m) => new(Oadr + "oadrPoll", new XElement(Ei + "venID", m.VenId));

    public static OadrResponse ReadResponse(ReceivedElement e) => new(e.Response(), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrResponse m) => new(Oadr + "oadrResponse", ResponseXml.Write(m.Response), Optional(Ei + "venID", m.VenId));

    // A wish for a rhythm: what is wrong with it must not cost the registration.
    private static (Period? Frequency, string? Fault) ReadPollFrequency(ReceivedElement e)
    {
        try
        {
            return (e.PropertyOrNull(Oadr + "oadrRequestedOadrPollFreq"), null);
        }
        catch (WireFormatException failure)
        {
            return (null, failure.Refusal.Detail);
        }
    }

    private static ProfileOffer ReadProfile(ReceivedElement e) =>
        new(e.Term(Oadr + "oadrProfileName", Profiles),
            e.Child(Oadr + "oadrTransports").Some(Oadr + "oadrTransport", t => t.Term(Oadr + "oadrTransportName", Transports)));

    private static XElement Write(ProfileOffer p) =>
        new(Oadr + "oadrProfile",
            new XElement(Oadr + "oadrProfileName", Profiles.Format(p.Name)),
            new XElement(Oadr + "oadrTransports", p.Transports.Select(t =>
                new XElement(Oadr + "oadrTransport", new XElement(Oadr + "oadrTransportName", Transports.Format(t))))));

    private static KeyedInfo ReadInfo(ReceivedElement e) => new(e.Text(Oadr + "oadrKey"), e.Text(Oadr + "oadrValue"));

    private static XElement Write(KeyedInfo i) => new(Oadr + "oadrInfo", new XElement(Oadr + "oadrKey", i.Key), new XElement(Oadr + "oadrValue", i.Value));
}
