using System.Text.Json.Serialization;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>A client certificate: never its key, only where the key is.</summary>
public sealed record Certificate : Entity
{
    public required CertificateKind Kind { get; init; }
    public required string Subject { get; init; }

    /// <summary>Null while there is only a request for it.</summary>
    public string? Issuer { get; init; }

    public Instant? NotBefore { get; init; }

    /// <summary>Null: none is known, or (2030.5 device certificates, 9999-12-31) there is none.</summary>
    public Instant? NotAfter { get; init; }

    /// <summary>OpenADR: the last ten bytes of the certificate's SHA-256, <c>06:A5:…</c>.</summary>
    public string? Fingerprint10 { get; init; }

    /// <summary>2030.5: 40 hex digits.</summary>
    public string? Lfdi { get; init; }

    /// <summary>2030.5: 12 digits.</summary>
    public string? Sfdi { get; init; }

    /// <summary>A path or a key store's name, never the key.</summary>
    public string? KeyRef { get; init; }

    /// <summary>Where the certificate (PEM, with its chain) is.</summary>
    public string? CertificateRef { get; init; }

    public CertificateState State { get; init; } = CertificateState.CsrMade;

    /// <summary>The certificate that this one is to follow; null = none.</summary>
    public string? Renews { get; init; }

    /// <summary>Enrollments that identify themselves by it and are not over, by id, at most 100; read anew for each answer, never stored.</summary>
    public ValueList<string> UsedBy { get; init; } = [];

    /// <summary>How many enrollments that is, beyond the 100 too.</summary>
    public int UseCount { get; init; }

    /// <summary>The VENs at the OpenAdr service of those in <see cref="UsedBy"/>.</summary>
    public ValueList<string> VenKeys { get; init; } = [];

    /// <summary>The clients at the Ieee2030Dot5 service of those in <see cref="UsedBy"/>.</summary>
    public ValueList<string> ClientKeys { get; init; } = [];
}

public enum CertificateKind
{
    [JsonStringEnumMemberName("openadr-rsa")]
    OpenAdrRsa,

    [JsonStringEnumMemberName("openadr-ec")]
    OpenAdrEc,

    [JsonStringEnumMemberName("2030.5-device")]
    Ieee2030Dot5Device,

    [JsonStringEnumMemberName("2030.5-aggregator")]
    Ieee2030Dot5Aggregator,
}

public enum CertificateState
{
    CsrMade,
    Sent,
    Installed,
    Expiring,
    Expired,
    Revoked,
}
