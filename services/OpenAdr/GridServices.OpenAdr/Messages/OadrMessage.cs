using System.Text.Json.Serialization;

namespace GridServices.OpenAdr.Messages;

/// <summary>One OpenADR 2.0b payload, exactly as it is on the wire. Equal by content.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$message")]
[JsonDerivedType(typeof(OadrQueryRegistration), "oadrQueryRegistration")]
[JsonDerivedType(typeof(OadrCreatePartyRegistration), "oadrCreatePartyRegistration")]
[JsonDerivedType(typeof(OadrCreatedPartyRegistration), "oadrCreatedPartyRegistration")]
[JsonDerivedType(typeof(OadrCancelPartyRegistration), "oadrCancelPartyRegistration")]
[JsonDerivedType(typeof(OadrCanceledPartyRegistration), "oadrCanceledPartyRegistration")]
[JsonDerivedType(typeof(OadrRequestReregistration), "oadrRequestReregistration")]
[JsonDerivedType(typeof(OadrPoll), "oadrPoll")]
[JsonDerivedType(typeof(OadrResponse), "oadrResponse")]
[JsonDerivedType(typeof(OadrRequestEvent), "oadrRequestEvent")]
[JsonDerivedType(typeof(OadrDistributeEvent), "oadrDistributeEvent")]
[JsonDerivedType(typeof(OadrCreatedEvent), "oadrCreatedEvent")]
[JsonDerivedType(typeof(OadrRegisterReport), "oadrRegisterReport")]
[JsonDerivedType(typeof(OadrRegisteredReport), "oadrRegisteredReport")]
[JsonDerivedType(typeof(OadrCreateReport), "oadrCreateReport")]
[JsonDerivedType(typeof(OadrCreatedReport), "oadrCreatedReport")]
[JsonDerivedType(typeof(OadrUpdateReport), "oadrUpdateReport")]
[JsonDerivedType(typeof(OadrUpdatedReport), "oadrUpdatedReport")]
[JsonDerivedType(typeof(OadrCancelReport), "oadrCancelReport")]
[JsonDerivedType(typeof(OadrCanceledReport), "oadrCanceledReport")]
[JsonDerivedType(typeof(OadrCreateOpt), "oadrCreateOpt")]
[JsonDerivedType(typeof(OadrCreatedOpt), "oadrCreatedOpt")]
[JsonDerivedType(typeof(OadrCancelOpt), "oadrCancelOpt")]
[JsonDerivedType(typeof(OadrCanceledOpt), "oadrCanceledOpt")]
public abstract record OadrMessage
{
    /// <summary>The payload's element name, e.g. <c>oadrPoll</c>.</summary>
    [JsonIgnore]
    public string Name => char.ToLowerInvariant(GetType().Name[0]) + GetType().Name[1..];
}

/// <summary>The outcome of a request (ei:eiResponse).</summary>
/// <param name="Code">Three digits; 200 = done (profile section 8.7).</param>
/// <param name="Description">For people.</param>
/// <param name="RequestId">The requestID answered; empty where the answers stand in event responses (rule 43).</param>
public sealed record EiResponse(int Code, string? Description, string RequestId)
{
    /// <summary>2xx: the request was carried out.</summary>
    [JsonIgnore]
    public bool IsSuccess => Code is >= 200 and < 300;

    public static EiResponse Ok(string requestId) => new(200, "OK", requestId);
}

/// <summary>One event at one revision.</summary>
public sealed record QualifiedEventId(string EventId, uint ModificationNumber);

/// <summary>Whether the receiver takes part.</summary>
public enum OptType
{
    OptIn,
    OptOut,
}
