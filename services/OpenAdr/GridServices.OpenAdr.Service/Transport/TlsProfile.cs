namespace GridServices.OpenAdr.Service.Transport;

/// <summary>How a VEN proves itself to its VTN and what it asks of the VTN's own certificate. Paths only: no secret lies in it.</summary>
public sealed record TlsProfile
{
    public static TlsProfile None { get; } = new();

    /// <summary>openadr-2.0b offers the two suites of rule 67, one of them without forward secrecy: for VTNs that offer nothing else.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Modern;

    /// <summary>PEM (certificate, optionally followed by its intermediates) or PFX (<c>.pfx</c>, <c>.p12</c>).</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM key; null: in the certificate's own file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>A file whose first line is the password of the key or PFX.</summary>
    public string? ClientKeyPasswordFile { get; init; }

    /// <summary>PEM bundle of roots and intermediates. When given, the system's own trust is not used.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>The name the VTN's certificate must carry where it differs from the URL's host.</summary>
    public string? ExpectedHostName { get; init; }

    public static TlsProfile Of(VenProfile profile) => new()
    {
        Policy = profile.Tls,
        ClientCertificate = profile.ClientCertificate,
        ClientKey = profile.ClientKey,
        ClientKeyPasswordFile = profile.ClientKeyPasswordFile,
        TrustedRoots = profile.TrustedRoots,
        ExpectedHostName = profile.ExpectedHostName,
    };
}

/// <summary>Bounds of one exchange.</summary>
public sealed record ExchangeLimits
{
    /// <summary>From connecting to the last byte; OpenADR 2.0b 9.1.6 asks for at least 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest reply that is read, in bytes.</summary>
    public int MaxReplyBytes { get; init; } = 4 * 1024 * 1024;

    public static ExchangeLimits Of(VenProfile profile) =>
        new() { Timeout = profile.RequestTimeout.ToTimeSpan(), MaxReplyBytes = profile.MaxReplyBytes };
}
