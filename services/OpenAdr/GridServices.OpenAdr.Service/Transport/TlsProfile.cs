using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>How a VEN proves itself to its VTN and what it asks of the VTN's own certificate.</summary>
public sealed record TlsProfile : CertificatePaths
{
    public static TlsProfile None { get; } = new();

    /// <summary>openadr-2.0b offers the two suites of rule 67, one of them without forward secrecy: for VTNs that offer nothing else.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Modern;

    /// <summary>The name the VTN's certificate must carry where it differs from the URL's host.</summary>
    public string? ExpectedHostName { get; init; }

    public static TlsProfile From(VenProfile profile) => new()
    {
        Policy = profile.Tls,
        ClientCertificate = profile.ClientCertificate,
        ClientKey = profile.ClientKey,
        ClientKeyPasswordFile = profile.ClientKeyPasswordFile,
        TrustedRoots = profile.TrustedRoots,
        ExpectedHostName = profile.ExpectedHostName,
    };
}
