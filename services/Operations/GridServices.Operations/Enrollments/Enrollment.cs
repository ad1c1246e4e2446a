using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>A site in a program, for a period.</summary>
public sealed record Enrollment : Entity
{
    public required string SiteId { get; init; }
    public required TemplateRef Template { get; init; }
    public ValueList<string> MeterPointIds { get; init; } = [];
    public ValueList<string> AssetIds { get; init; } = [];
    public required DatePeriod Period { get; init; }

    public EnrollmentState State { get; init; } = EnrollmentState.Draft;
    public required Instant StateSince { get; init; }

    /// <summary>Why it is in this state, in the words of who brought it there.</summary>
    public string? StateReason { get; init; }

    /// <summary>In <see cref="EnrollmentState.Suspended"/>: what for. What the facts caused, the facts may end; what a person did, a person ends.</summary>
    public SuspensionCause? SuspendedFor { get; init; }

    /// <summary>What events are answered with without a person: whom people suspended takes no part.</summary>
    [JsonIgnore]
    public OptPolicy AnswersBy => SuspendedFor is SuspensionCause.Person or SuspensionCause.Consent ? OptPolicy.Never : OptPolicy;

    /// <summary>When its readiness test passed, or a person overrode it; null = not yet.</summary>
    public Instant? TestedAt { get; init; }

    /// <summary>The service's document is not what this enrollment wants.</summary>
    public bool Drifted { get; init; }

    /// <summary>Somebody should look, see <see cref="RequiredActions"/>.</summary>
    public bool Attention { get; init; }

    public OptPolicy OptPolicy { get; init; } = OptPolicy.Auto;

    /// <summary>What the controller does when the program's line is lost; null = the template's.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>Contacts of this enrollment in place of the customer's.</summary>
    public ValueList<string> ContactIds { get; init; } = [];

    public ProtocolIdentity Identity { get; init; } = new();
    public Answers Answers { get; init; } = Answers.None;
    public ValueList<EnrollmentDocument> Documents { get; init; } = [];
    public Consent? Consent { get; init; }
    public string? AggregatorId { get; init; }

    /// <summary>The utility's number for this application.</summary>
    public string? UtilityReference { get; init; }

    /// <summary>As of the last evaluation; calculated, never typed.</summary>
    public ValueList<RequiredAction> RequiredActions { get; init; } = [];
}

/// <summary>How far an enrollment has come.</summary>
public enum EnrollmentState
{
    Draft,

    /// <summary>Something required is missing, or a site is not eligible yet.</summary>
    Incomplete,

    ReadyToSubmit,
    Submitted,
    UtilityReview,
    Accepted,

    /// <summary>The services' documents are being written.</summary>
    Provisioning,

    /// <summary>Written; registered, reporting and tested are waited for.</summary>
    Testing,

    Active,
    Suspended,
    Ending,
    Ended,
    Rejected,
    Withdrawn,
    Ineligible,
}

/// <summary>Why an enrollment is suspended.</summary>
public enum SuspensionCause
{
    Person,

    /// <summary>The customer revoked the consent.</summary>
    Consent,

    /// <summary>The utility cancelled the registration; over once it is registered again.</summary>
    Registration,

    /// <summary>The certificate is over or revoked; over once another is installed.</summary>
    Certificate,
}

/// <summary>What is answered to the utility's events without a person.</summary>
public enum OptPolicy
{
    Auto,

    /// <summary>A person chooses per event.</summary>
    Manual,

    Never,
}

/// <summary>Who the site is to the utility's head end. What the protocol does not have is null.</summary>
public sealed record ProtocolIdentity
{
    /// <summary>The VEN at the OpenAdr service; null = the site's id and the program's code.</summary>
    public string? VenKey { get; init; }

    public string? VtnUrl { get; init; }
    public string? VenName { get; init; }

    /// <summary>Null = the VTN assigns it.</summary>
    public string? VenId { get; init; }

    public string? MarketContext { get; init; }

    /// <summary>Path of the roots (PEM) that the utility's certificate leads to; null = the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>The <see cref="Certificate"/> entity.</summary>
    public string? CertificateId { get; init; }

    /// <summary>The client at the Ieee2030Dot5 service; null = the site's id and the program's code.</summary>
    public string? ClientKey { get; init; }

    /// <summary>URL of the 2030.5 server's DeviceCapability.</summary>
    public string? Server { get; init; }

    public string? Lfdi { get; init; }
    public string? Sfdi { get; init; }
    public string? Pin { get; init; }
    public string? Nmi { get; init; }

    /// <summary>2030.5: IANA private enterprise number of the operator; null = that of the certificate.</summary>
    public int? Pen { get; init; }
}

/// <summary>A paper that belongs to an enrollment; its content is kept by the service.</summary>
/// <param name="Name">The template's name of the document, such as <c>interconnectionAgreement</c>.</param>
/// <param name="FileName">As it was handed in.</param>
/// <param name="Sha256">64 lower-case hex digits of the content.</param>
/// <param name="Received">When and by whom.</param>
public sealed record EnrollmentDocument(string Name, string FileName, string Sha256, Stamp Received);

/// <summary>The customer's signed agreement.</summary>
public sealed record Consent
{
    /// <summary>The signer, a contact of role authorizedSigner.</summary>
    public required string ContactId { get; init; }

    public required Instant SignedAt { get; init; }

    /// <summary>What was agreed to, as the signer saw it.</summary>
    public required string Scope { get; init; }

    /// <summary>Last day; null = until revoked.</summary>
    public LocalDate? Until { get; init; }

    public Instant? RevokedAt { get; init; }
}
