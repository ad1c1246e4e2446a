using GridServices.Hosting.Configuration;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.UtilityClients.Listening;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>The listener at which utilities' servers notify clients that subscribe, over mutual TLS.</summary>
public sealed record NotificationOptions : ISettings
{
    public static string Section => "Notifications";

    /// <summary>Address and port, such as 0.0.0.0:8444; null: there is no listener, and notifications come through the API's port. Port 0: any free one.</summary>
    public string? Listen { get; init; }

    /// <summary>PEM file with the listener's certificate and its intermediates; null: the client's own, of the client whose notificationUrl names the host asked for, else of the first.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with its key; null: in the certificate's own file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>A file whose first line is the key's password.</summary>
    public string? CertificateKeyPasswordFile { get; init; }

    /// <summary>As in a client's transport: ccm8, or ccm8AndGcm for utilities that ask for it. TLS 1.2 always.</summary>
    public DerCipherSuites CipherSuites { get; init; } = DerCipherSuites.Ccm8;

    /// <summary>Open connections at the most.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>Notifications read at once, of all servers together; a server whose notification comes on top is asked to send it again.</summary>
    public int MaxRequests { get; init; } = 64;

    /// <summary>Notifications of one server worked on at once, from the first byte to the answer; what comes on top is asked for again. Fewer than MaxRequests, so that one server can't take all places.</summary>
    public int MaxRequestsPerServer { get; init; } = 16;

    /// <summary>Longest notification that is read, in bytes, unpacked.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    public IEnumerable<string> Validate() =>
    [
        .. Listen is null || ListenerAddress.IsWhole(Listen) ? Array.Empty<string>() : [$"Notifications:Listen '{Listen}' is no address and port, e.g. 0.0.0.0:8444."],
        .. Bounds.Within("Notifications:MaxConnections", MaxConnections, 1, 20_000),
        .. Bounds.Within("Notifications:MaxRequests", MaxRequests, 1, 1_000),
        .. Bounds.Within("Notifications:MaxRequestsPerServer", MaxRequestsPerServer, 1, 1_000),
        .. Bounds.Within("Notifications:MaxBodyBytes", MaxBodyBytes, 4096, 16 * 1024 * 1024),
    ];
}
