using GridServices.Hosting.Configuration;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;
using GridServices.UtilityClients.Listening;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>The listener at which VTNs push to VENs whose transport is push.</summary>
public sealed record PushOptions : ISettings
{
    public static string Section => "Push";

    /// <summary>Address and port, such as 0.0.0.0:8443; null: there is no listener. Port 0: any free one.</summary>
    public string? Listen { get; init; }

    /// <summary>PEM file with the listener's certificate and its intermediates, or a .pfx.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with its key; null: in the certificate's own file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>A file whose first line is the key's password.</summary>
    public string? CertificateKeyPasswordFile { get; init; }

    /// <summary>TLS versions and suites, as in a VEN's profile: Modern, or OpenAdr20b for VTNs that offer the two suites of OpenADR 2.0b only.</summary>
    public TlsPolicy Tls { get; init; } = TlsPolicy.Modern;

    /// <summary>Open connections at the most.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>Messages read at once, of all VTNs together; a VTN whose message comes on top is asked to send it again.</summary>
    public int MaxRequests { get; init; } = 64;

    /// <summary>Messages of one VTN worked on at once, from the first byte to the answer; what comes on top is asked for again. Fewer than MaxRequests, so that one VTN can't take all places.</summary>
    public int MaxRequestsPerVtn { get; init; } = 16;

    /// <summary>Longest message that is read, in bytes.</summary>
    public int MaxBodyBytes { get; init; } = 4 * 1024 * 1024;

    internal CertificatePaths Files => new() { ClientCertificate = Certificate, ClientKey = CertificateKey, ClientKeyPasswordFile = CertificateKeyPasswordFile };

    /// <summary>The listener's own certificate; none where there is no listener.</summary>
    internal IEnumerable<WatchedCertificate> Watched => this is { Listen: not null, Certificate: not null }
        ? [WatchedCertificate.Own("push listener's certificate", Files, VtnTls.Files with { Section = "Push" }, "put a new one in the place of Push:Certificate", "no VTN can push until a new one is in its place")]
        : [];

    public IEnumerable<string> Validate() =>
    [
        .. Listen is null || ListenerAddress.IsWhole(Listen) ? Array.Empty<string>() : [$"Push:Listen '{Listen}' is no address and port, e.g. 0.0.0.0:8443."],
        .. Listen is null || Certificate is not null ? Array.Empty<string>() : ["Push:Listen needs Push:Certificate, a PEM or PFX file with the listener's certificate."],
        .. Bounds.Within("Push:MaxConnections", MaxConnections, 1, 20_000),
        .. Bounds.Within("Push:MaxRequests", MaxRequests, 1, 1_000),
        .. Bounds.Within("Push:MaxRequestsPerVtn", MaxRequestsPerVtn, 1, 1_000),
        .. Bounds.Within("Push:MaxBodyBytes", MaxBodyBytes, 4096, 16 * 1024 * 1024),
    ];
}
