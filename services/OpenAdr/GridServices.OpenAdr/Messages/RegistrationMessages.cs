using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Messages;

/// <summary>VEN → VTN: what do you offer? Answered by <see cref="OadrCreatedPartyRegistration"/>.</summary>
public sealed record OadrQueryRegistration(string RequestId) : OadrMessage;

/// <summary>VEN → VTN: register me, or change my registration when <see cref="RegistrationId"/> is given.</summary>
public sealed record OadrCreatePartyRegistration : OadrMessage
{
    public required string RequestId { get; init; }
    public string? RegistrationId { get; init; }

    /// <summary>Preconfigured or assigned before; null when the VTN is to assign one.</summary>
    public string? VenId { get; init; }

    public required OadrProfileName ProfileName { get; init; }
    public required OadrTransportName TransportName { get; init; }

    /// <summary>Base URL of a push VEN.</summary>
    public string? TransportAddress { get; init; }

    public required bool ReportOnly { get; init; }
    public required bool XmlSignature { get; init; }
    public string? VenName { get; init; }

    /// <summary>True: this VEN polls. Mandatory with simpleHttp (rule 402).</summary>
    public bool? HttpPullModel { get; init; }
}

/// <summary>VTN → VEN: answer to a query (without IDs when unregistered) and to a registration.</summary>
public sealed record OadrCreatedPartyRegistration : OadrMessage
{
    public required EiResponse Response { get; init; }
    public string? RegistrationId { get; init; }
    public string? VenId { get; init; }
    public required string VtnId { get; init; }
    public required ValueList<ProfileOffer> Profiles { get; init; }

    /// <summary>How often the VTN asks to be polled.</summary>
    public Period? RequestedPollFrequency { get; init; }

    /// <summary>Why <see cref="RequestedPollFrequency"/> is null although the message has one: it is illegible or negative.</summary>
    public string? PollFrequencyFault { get; init; }

    public ValueList<ServiceInfo> ServiceSpecificInfo { get; init; } = [];
    public ValueList<Extension> Extensions { get; init; } = [];
}

/// <summary>Either way: end this registration.</summary>
public sealed record OadrCancelPartyRegistration(string RequestId, string RegistrationId, string? VenId) : OadrMessage;

/// <summary>Either way: the registration was ended, or why not.</summary>
public sealed record OadrCanceledPartyRegistration(EiResponse Response, string? RegistrationId, string? VenId) : OadrMessage;

/// <summary>VTN → VEN: register again, with the IDs you have. Answered by <see cref="OadrResponse"/>. VenId: empty where the VTN names none.</summary>
public sealed record OadrRequestReregistration(string VenId) : OadrMessage;

/// <summary>VEN → VTN: anything for me? Answered by the next payload of the queue, or <see cref="OadrResponse"/> when it is empty.</summary>
public sealed record OadrPoll(string VenId) : OadrMessage;

/// <summary>The plain answer.</summary>
public sealed record OadrResponse(EiResponse Response, string? VenId) : OadrMessage;

public enum OadrProfileName
{
    Profile20a,
    Profile20b,
}

public enum OadrTransportName
{
    SimpleHttp,
    Xmpp,
}

public enum OadrServiceName
{
    EiEvent,
    EiOpt,
    EiReport,
    EiRegisterParty,
    OadrPoll,
}

/// <summary>A profile and the transports it is offered over.</summary>
public sealed record ProfileOffer(OadrProfileName Name, ValueList<OadrTransportName> Transports);

public sealed record ServiceInfo(OadrServiceName Service, ValueList<KeyedInfo> Infos);

public sealed record Extension(string Name, ValueList<KeyedInfo> Infos);

public sealed record KeyedInfo(string Key, string Value);
