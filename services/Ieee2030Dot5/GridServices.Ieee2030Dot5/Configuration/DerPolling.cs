using NodaTime;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>The rhythm of reading. The server's pollRate decides; these are the bounds it is held to.</summary>
public sealed record DerPolling
{
    /// <summary>What a server's pollRate is clamped to from below.</summary>
    public Duration Floor { get; init; } = Duration.FromSeconds(10);

    /// <summary>What a server's pollRate is clamped to from above.</summary>
    public Duration Ceiling { get; init; } = Duration.FromDays(1);

    /// <summary>Where no pollRate is stated; the standard's 900 s.</summary>
    public Duration Default { get; init; } = Duration.FromSeconds(900);

    /// <summary>Longest back-off while the server gives no usable answer.</summary>
    public Duration MaxBackOff { get; init; } = Duration.FromMinutes(1);

    /// <summary>List items asked for at once, 1..255.</summary>
    public int PageSize { get; init; } = 255;

    /// <summary>Difference between the server's clock and ours above which a person is told. The server's time is followed all the same.</summary>
    public Duration ClockAlarm { get; init; } = Duration.FromSeconds(60);
}

/// <summary>What is told to the utility.</summary>
public sealed record DerReporting
{
    /// <summary>False: no mirror usage points, DER resources or log events are written.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Averaging interval and posting rate until the server's postRate says otherwise.</summary>
    public Duration PostRate { get; init; } = Duration.FromMinutes(5);

    public bool Site { get; init; } = true;
    public bool Der { get; init; } = true;
    public bool LogEvents { get; init; } = true;

    /// <summary>Averages kept per mirror usage point for delivery after an outage, 12..2,000.</summary>
    public int BufferIntervals { get; init; } = 288;
}

/// <summary>Being told by the server instead of only asking.</summary>
public sealed record DerSubscriptions
{
    /// <summary>Public URL of this service's notification endpoint for the client. Null: no subscriptions, only polls.</summary>
    public string? NotificationUrl { get; init; }

    /// <summary>The server's list of subscriptions is compared with ours this often: what is missing is made again, what is stale removed.</summary>
    public Duration RenewEvery { get; init; } = Duration.FromHours(1);

    /// <summary>Each subscription is made again after so long, before a server drops it for its age.</summary>
    public Duration RepostAfter { get; init; } = Duration.FromHours(24);

    /// <summary>
    /// What is subscribed to is polled this seldom once notifications have been seen to arrive; any doubt about them brings the usual polls back.
    /// Null: the usual polls always go on beside the notifications.
    /// </summary>
    public Duration? Heartbeat { get; init; }

    /// <summary>LFDI or SHA-256 fingerprint, hex, of the certificate that notifies, where that is another than the server's.</summary>
    public string? NotifierPin { get; init; }
}

/// <summary>How the server is reached. The engine reads nothing of it; the service does.</summary>
public sealed record DerTransport
{
    /// <summary>Path of the client certificate with its chain (PEM), never the secret itself. Null: plain HTTP for the lab.</summary>
    public string? ClientCertificate { get; init; }

    public string? ClientKey { get; init; }

    /// <summary>Path of a file whose first line is the key's password.</summary>
    public string? ClientKeyPasswordFile { get; init; }

    /// <summary>Path of the roots the server's chain must lead to (SERCA), PEM.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>How the server's certificate is tied to the URL's host; the chain is always checked.</summary>
    public DerServerName ServerName { get; init; } = DerServerName.Auto;

    /// <summary>The host's name in the certificate, where it is not that of the URL.</summary>
    public string? ExpectedHostName { get; init; }

    /// <summary>The server certificate's LFDI or SHA-256 fingerprint, hex: no other server is spoken to.</summary>
    public string? ServerPin { get; init; }

    /// <summary>What a server's chain that breaks the standard's certificate rules (extensions, criticality, policies) leads to.</summary>
    public DerCertificateRules CertificateRules { get; init; } = DerCertificateRules.Report;

    /// <summary>Path of a list of refused certificates, one LFDI or SHA-256 fingerprint per line.</summary>
    public string? DenyList { get; init; }

    public DerCipherSuites CipherSuites { get; init; } = DerCipherSuites.Ccm8;

    public Duration RequestTimeout { get; init; } = Duration.FromSeconds(30);

    /// <summary>Longest reply that is read, bytes.</summary>
    public int MaxReplyBytes { get; init; } = 1024 * 1024;
}

/// <summary>
/// How the server proves that it is the one meant. auto: its DNS name where its certificate carries one (those of IEEE 2030.5 servers often don't);
/// hostName: its DNS name always; pinned: the certificate in serverPin; chainOnly: any certificate of the PKI.
/// </summary>
public enum DerServerName
{
    Auto,
    HostName,
    Pinned,
    ChainOnly,
}

/// <summary>report: the doctor names what is wrong; enforce: the server is refused.</summary>
public enum DerCertificateRules
{
    Report,
    Enforce,
}

/// <summary>ccm8: the standard's only mandatory suite; ccm8AndGcm: that and ECDHE-ECDSA-AES128-GCM, for utilities that ask for it.</summary>
public enum DerCipherSuites
{
    Ccm8,
    Ccm8AndGcm,
}
