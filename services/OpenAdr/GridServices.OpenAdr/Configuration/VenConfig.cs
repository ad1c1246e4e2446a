using NodaTime;

namespace GridServices.OpenAdr.Configuration;

/// <summary>A VEN as a person writes it (<c>PUT /v1/vens/{venKey}</c>). One VEN serves one site, or thousands of them (aggregator).</summary>
public sealed record VenConfig
{
    /// <summary>Base URL of the VTN, up to and including <c>/OpenADR2/Simple/2.0b</c>.</summary>
    public required string VtnUrl { get; init; }

    /// <summary>The name the VEN registers under (oadrVenName).</summary>
    public required string VenName { get; init; }

    /// <summary>The venID agreed with the utility beforehand; null: the VTN assigns one.</summary>
    public string? VenId { get; init; }

    /// <summary>True: a registration that assigns another venID than <see cref="VenId"/> is refused. Default: the VTN's choice is adopted.</summary>
    public bool PinVenId { get; init; }

    /// <summary>The one site of a simple VEN; its targets are those of <see cref="Targets"/>. Use <see cref="Sites"/> for several.</summary>
    public string? SiteId { get; init; }

    public IReadOnlyList<SiteConfig> Sites { get; init; } = [];

    /// <summary>What names the whole VEN in an eiTarget, besides its venID.</summary>
    public TargetNames Targets { get; init; } = new();

    public VenTransport Transport { get; init; } = VenTransport.Pull;

    /// <summary>
    /// With push: the base URL under which the VTN reaches this service, told to it as oadrTransportAddress, such as <c>https://dr.example:8443</c>. Give
    /// each of several VENs at one VTN a path of its own: <c>https://dr.example:8443/site-1</c>.
    /// </summary>
    public string? TransportAddress { get; init; }

    /// <summary>
    /// With push: how often the VTN is asked for its events although nothing says that one was missed, PT1M to P7D. Null: never; what is pushed is relied on.
    /// </summary>
    public Duration? ResyncInterval { get; init; }

    /// <summary>Shortest pause between polls of an empty queue; a VTN that asks for a longer one gets it. Null: the VTN's wish, else 10 s.</summary>
    public Duration? PollInterval { get; init; }

    /// <summary>What the VTN's requested poll frequency is clamped to from below (hostile or mistaken PT0S).</summary>
    public Duration PollFloor { get; init; } = Duration.FromSeconds(1);

    /// <summary>What the VTN's requested poll frequency is clamped to from above.</summary>
    public Duration PollCeiling { get; init; } = Duration.FromHours(1);

    /// <summary>Longest back-off while the VTN can't be reached.</summary>
    public Duration MaxBackOff { get; init; } = Duration.FromMinutes(5);

    /// <summary>Pause before registering again after the VTN cancelled the registration. Null: wait for a person.</summary>
    public Duration? RegisterAgainAfter { get; init; } = Duration.FromMinutes(5);

    public VenProfile Profile { get; init; } = new();
    public VenQuirks Quirks { get; init; } = new();
    public IReadOnlyList<ProgramConfig> Programs { get; init; } = [];
    public IReadOnlyList<ReportConfig> Reports { get; init; } = [];

    /// <summary>Points kept per report channel for delivery after an outage, 100..10,000.</summary>
    public int ReportBufferPoints { get; init; } = 256;

    /// <summary>Who can be asked for the past; no part of what a person writes.</summary>
    internal PastSources PastSources { get; init; }

    /// <summary>The same where these can be asked for the past.</summary>
    public VenConfig Asking(PastSources sources) => this with { PastSources = sources };

    /// <summary>Every site of this VEN: <see cref="Sites"/>, or the one of <see cref="SiteId"/>.</summary>
    public IEnumerable<SiteConfig> AllSites() => SiteId is null ? Sites : Sites.Prepend(new SiteConfig { SiteId = SiteId });

    /// <summary>True where readings of the sites are of use: for reports, for shares of the present load, or for a storage's charge.</summary>
    public bool NeedsReadings() => Reports.Count > 0 || MeasuresAtStart();

    internal bool MeasuresAtStart() => Programs.Any(p => p.Signals.RefersToPresentLoad || p.Signals.RefersToCharge);

    /// <summary>True: the VTN would not know this VEN by the registration made under <paramref name="previous"/>.</summary>
    public bool NeedsNewRegistration(VenConfig previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return previous.VtnUrl != VtnUrl || previous.VenName != VenName || previous.VenId != VenId;
    }
}

/// <summary>A site behind the VEN and the names by which the utility may target it.</summary>
public sealed record SiteConfig
{
    public required string SiteId { get; init; }
    public TargetNames Targets { get; init; } = new();

    /// <summary>The load that fractions, percentages and deltas refer to at this site, W ≥ 0; overrides the policy's.</summary>
    public long? ReferenceW { get; init; }
}

/// <summary>Names in an eiTarget, compared exactly, upper and lower case being different (OpenADR 2.0b rule 512).</summary>
public sealed record TargetNames
{
    public IReadOnlyList<string> VenIds { get; init; } = [];
    public IReadOnlyList<string> GroupIds { get; init; } = [];
    public IReadOnlyList<string> ResourceIds { get; init; } = [];
    public IReadOnlyList<string> PartyIds { get; init; } = [];

    /// <summary>Device classes of the standard's list, e.g. <c>EVSE</c>, <c>Electric_Vehicle</c>, <c>Storage</c>.</summary>
    public IReadOnlyList<string> EndDeviceAssets { get; init; } = [];
}

/// <summary>OpenADR 2.0b rule 37. pull: the VEN polls. push: the VTN sends what it has to say to the VEN's own endpoints, and the VEN polls no more.</summary>
public enum VenTransport
{
    Pull,
    Push,
}

/// <summary>How messages are wrapped, signed and carried. The shell reads it; the engine only whether signatures are in use, which the VTN is told.</summary>
public sealed record VenProfile
{
    public MessageForm Form { get; init; } = MessageForm.Wrapped;
    public TlsPolicy Tls { get; init; } = TlsPolicy.Modern;

    /// <summary>Name or path of the client certificate and its key, by the shell's own rules; never the secret itself.</summary>
    public string? ClientCertificate { get; init; }

    public string? ClientKey { get; init; }

    /// <summary>Path of a file whose first line is the key's password; never the password itself.</summary>
    public string? ClientKeyPasswordFile { get; init; }

    /// <summary>Name or path of the roots the VTN's certificate must lead to; null: the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>The name the VTN's certificate must carry where it differs from the URL's host.</summary>
    public string? ExpectedHostName { get; init; }

    /// <summary>Whether messages are signed, and whether the VTN's have to be; the client certificate's key signs.</summary>
    public SignatureMode Signatures { get; init; } = SignatureMode.Off;

    /// <summary>Path of a PEM file with the certificates by which the VTN signs; null: any certificate for the VTN's name under the trusted roots.</summary>
    public string? VtnCertificate { get; init; }

    /// <summary>How far the time of sending in a signed message may be from ours, either way; PT10S to PT1H.</summary>
    public Duration ReplayWindow { get; init; } = Duration.FromMinutes(5);

    /// <summary>Longest wait for a reply, at least 5 s by the standard.</summary>
    public Duration RequestTimeout { get; init; } = Duration.FromSeconds(30);

    /// <summary>Longest reply that is read, in bytes. Room for 512 events: less would refuse a full payload by its size.</summary>
    public int MaxReplyBytes { get; init; } = 4 * 1024 * 1024;
}

/// <summary>wrapped: <c>oadrPayload/oadrSignedObject</c>, as the schema has it; bare: the message itself as root. Both are read.</summary>
public enum MessageForm
{
    Wrapped,
    Bare,
}

/// <summary>modern: what the runtime offers; openadr-2.0b: TLS 1.2 with the two suites of the 2.0b profile and their two kin with AES-GCM.</summary>
public enum TlsPolicy
{
    Modern,

    [System.Text.Json.Serialization.JsonStringEnumMemberName("openadr-2.0b")]
    OpenAdr20b,
}
