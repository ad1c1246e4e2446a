using System.Net.Security;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>How a client proves itself to its server and what it asks of the server's own certificate. Paths only: no secret lies in it.</summary>
public sealed record TlsProfile
{
    // IEEE 2030.5 asks every device for this one suite; CSIP 5.2.1.1 too.
    public static IReadOnlyList<TlsCipherSuite> Ccm8Only { get; } = [TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8];

    /// <summary>PEM: the device's certificate first, then its intermediates.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM: the key; null where it lies in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A file whose first line is the key's password.</summary>
    public string? KeyPasswordFile { get; init; }

    /// <summary>PEM: the roots that may stand at the top of the server's chain, and where a server does not send them, its intermediates.</summary>
    public string? CaFile { get; init; }

    public NameCheck NameCheck { get; init; } = NameCheck.Auto;

    /// <summary>The name asked for instead of the URL's host.</summary>
    public string? ExpectedName { get; init; }

    /// <summary>The server's LFDI (40 hex digits) or SHA-256 fingerprint (64): no other server is spoken to.</summary>
    public string? PinnedServer { get; init; }

    /// <summary>LFDIs or SHA-256 fingerprints never to be trusted, wherever they stand in a chain.</summary>
    public IReadOnlyCollection<string> Denied { get; init; } = [];

    /// <summary>True: the server's chain must also keep the certificate rules of IEEE 2030.5 for devices (extensions, criticality, policies).</summary>
    public bool CertificateRules { get; init; }

    public IReadOnlyList<TlsCipherSuite> Suites { get; init; } = Ccm8Only;
}

/// <summary>When the name in the server's certificate must be that of its URL. The chain is checked always.</summary>
public enum NameCheck
{
    /// <summary>Where the certificate carries a name; certificates of IEEE 2030.5 servers often carry none.</summary>
    Auto,

    /// <summary>A certificate without the name is refused.</summary>
    Required,

    /// <summary>Never; pin the server instead.</summary>
    Off,
}
