using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>
/// An IEEE 2030.5 client as a person writes it (<c>PUT /v1/clients/{clientKey}</c>). One client speaks for one site with its own certificate (direct),
/// or for many with the aggregator's. The least of it: <c>{ "serverUrl": "https://utility.example/dcap", "siteId": "site-1" }</c>.
/// </summary>
public sealed record DerClientConfig
{
    /// <summary>URL of the server's DeviceCapability; with nothing behind the host, where <c>/.well-known/csipaus</c> is asked.</summary>
    public required string ServerUrl { get; init; }

    /// <summary>How DeviceCapability is found. Null: by the well-known document where <see cref="ServerUrl"/> names no path, else by the URL itself.</summary>
    public DerDiscovery? Discovery { get; init; }

    /// <summary>The edition spoken. Null: IEEE 2030.5-2018 until the server shows that it speaks CSIP-AUS.</summary>
    public DerEdition? Edition { get; init; }

    public DerMode Mode { get; init; } = DerMode.Direct;

    /// <summary>LFDI of the client certificate, 40 hex digits. Null: the service works it out from the certificate before the engine runs.</summary>
    public string? Lfdi { get; init; }

    /// <summary>
    /// The operator's IANA private enterprise number, which ends every mRID we make (TS 5573 4.2). 0: that of the client certificate's hardware type
    /// (direct) or of the devices' LFDIs (aggregator); where neither tells it, CSIP-AUS with reporting asks for it.
    /// </summary>
    public int Pen { get; init; }

    /// <summary>The one site of a direct client; the members below speak of it. Use <see cref="Devices"/> for several.</summary>
    public string? SiteId { get; init; }

    /// <summary>See <see cref="DerDeviceConfig.Pin"/>.</summary>
    public string? Pin { get; init; }

    /// <summary>See <see cref="DerDeviceConfig.Nmi"/>.</summary>
    public string? Nmi { get; init; }

    /// <summary>See <see cref="DerDeviceConfig.Assets"/>.</summary>
    public IReadOnlyList<string> Assets { get; init; } = [];

    /// <summary>See <see cref="DerDeviceConfig.DerTarget"/>.</summary>
    public EnvelopeTarget? DerTarget { get; init; }

    public DerNameplate Nameplate { get; init; } = new();

    /// <summary>See <see cref="DerDeviceConfig.Functions"/>.</summary>
    public IReadOnlyList<FunctionKind> Functions { get; init; } = [];

    /// <summary>The EndDevices of an aggregator, or the one of a direct client.</summary>
    public IReadOnlyList<DerDeviceConfig> Devices { get; init; } = [];

    /// <summary>What to do when the server's EndDeviceList does not hold a device.</summary>
    public DerRegistration Registration { get; init; } = DerRegistration.InBand;

    /// <summary>DeviceCategoryType bits sent on registration, hex; 00040000 = virtual or mixed DER.</summary>
    public string DeviceCategory { get; init; } = "00040000";

    public Tier Tier { get; init; } = Tier.Regulatory;
    public Obligation Obligation { get; init; } = Obligation.Mandatory;

    /// <summary>Names for the streams of certain programs; the others name themselves.</summary>
    public IReadOnlyList<DerProgramConfig> Programs { get; init; } = [];

    /// <summary>Gaps between successive controls up to this long are bridged, so that a few seconds without a control don't make the site ramp.</summary>
    public Duration GapBridging { get; init; } = Duration.FromSeconds(10);

    /// <summary>Limits where the server states neither control nor default. Null: no statement.</summary>
    public Limits? Fallback { get; init; }

    /// <summary>Once the server was not heard for so long, and its controls have run out, its defaults give way to <see cref="Fallback"/>. Null: they hold on.</summary>
    public Duration? FallbackAfterLoss { get; init; }

    /// <summary>What the site controller does once it hears nothing more from us. Null: it holds the schedule, whose end is the utility's default.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>Nominal frequency of the grid, Hz: the middle of droop curves.</summary>
    public decimal NominalHz { get; init; } = 50;

    /// <summary>False for utilities that take the responses 1, 2, 3, 6 and 7 only: rejections are noted and not sent.</summary>
    public bool SendRejections { get; init; } = true;

    /// <summary>Status codes of responses: 2018 or 2023.</summary>
    public DerResponseCodes ResponseCodes { get; init; } = DerResponseCodes.Edition2018;

    /// <summary>What demand response (DRLC) means at the sites. Null: it is left alone.</summary>
    public DerLoadControl? LoadControl { get; init; }

    public DerPolling Polling { get; init; } = new();
    public DerReporting Reporting { get; init; } = new();
    public DerSubscriptions Subscriptions { get; init; } = new();
    public DerTransport Transport { get; init; } = new();

    /// <summary>Every device: <see cref="Devices"/>, or the one that the members of the client itself describe.</summary>
    public IEnumerable<DerDeviceConfig> AllDevices() => SiteId is null
        ? Devices
        : Devices.Prepend(new DerDeviceConfig { SiteId = SiteId, Lfdi = null, Pin = Pin, Nmi = Nmi, Assets = Assets, DerTarget = DerTarget, Nameplate = Nameplate, Functions = Functions });
}

/// <summary>direct: one certificate, one EndDevice; aggregator: one certificate for the EndDevices of many sites.</summary>
public enum DerMode
{
    Direct,
    Aggregator,
}

/// <summary>How the way into the server's resources is found.</summary>
public enum DerDiscovery
{
    /// <summary>serverUrl is DeviceCapability itself.</summary>
    DeviceCapability,

    /// <summary>CSIP-AUS 1.3: <c>/.well-known/csipaus</c> at the server of serverUrl.</summary>
    WellKnown,
}

/// <summary>Editions of the standard and of its Australian profile.</summary>
public enum DerEdition
{
    [JsonStringEnumMemberName("ieee-2030.5-2018")]
    Ieee2018,

    [JsonStringEnumMemberName("csip-aus-1.2")]
    CsipAus12,

    [JsonStringEnumMemberName("csip-aus-1.3")]
    CsipAus13,
}

/// <summary>inBand: the client registers what is missing (POST); outOfBand: it waits for the utility to do so.</summary>
public enum DerRegistration
{
    InBand,
    OutOfBand,
}

/// <summary>Which edition's response status codes are sent.</summary>
public enum DerResponseCodes
{
    [JsonStringEnumMemberName("2018")]
    Edition2018,

    [JsonStringEnumMemberName("2023")]
    Edition2023,
}
