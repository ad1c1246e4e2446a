using GridServices.Contracts;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>How one EndDevice carries out controls, and where its envelopes go.</summary>
public sealed record DerScheduleConfig
{
    public required string SiteId { get; init; }

    /// <summary>LFDI of the EndDevice, 40 hex digits; every response and envelope names it.</summary>
    public required string Lfdi { get; init; }

    /// <summary>Where generation, load, connect, energize and set-points apply. Null: the site.</summary>
    public EnvelopeTarget? DerTarget { get; init; }

    /// <summary>Where opModStorageTargetW applies. Null: <see cref="DerTarget"/>.</summary>
    public EnvelopeTarget? StorageTarget { get; init; }

    public Nameplate Nameplate { get; init; } = new();

    /// <summary>A power above so many times the nameplate is taken for nonsense and refused. Utilities do send twice the nameplate to say "unconstrained".</summary>
    public int PlausibleFactor { get; init; } = 100;

    /// <summary>Which edition's response codes and rule of resumption apply.</summary>
    public ResponseEdition Edition { get; init; } = ResponseEdition.Ieee2018;

    /// <summary>True: an event that disappears from its list before its end is cancelled (IEEE 2030.5-2023 10.2.2.3 p). False: it goes on (2018, CSIP-AUS).</summary>
    public bool DisappearedIsCancelled { get; init; }

    /// <summary>Modes carried out. Null: all that the nameplate permits.</summary>
    public IReadOnlyList<ControlMode>? Modes { get; init; }

    /// <summary>Autonomous functions that the device's equipment carries out by itself. Others are answered as not supported.</summary>
    public IReadOnlyList<FunctionKind> Functions { get; init; } = [];

    /// <summary>DeviceCategoryType bits of the device. Null: controls are taken whatever category they are meant for.</summary>
    public uint? DeviceCategory { get; init; }

    /// <summary>What EndDeviceControls mean; null: these are programs of DER controls.</summary>
    public LoadPolicy? Load { get; init; }

    /// <summary>A gap between two controls of a mode up to this long is held at the stricter of the two, so that the site doesn't ramp for seconds.</summary>
    public Duration GapBridging { get; init; } = Duration.FromSeconds(10);

    /// <summary>
    /// Limits where neither a control nor a default states the quantity: import, export, generation, load, connect and energize. Null: no statement.
    /// </summary>
    public Limits? Fallback { get; init; }

    /// <summary>Once the server has not been heard for so long, defaults give way to <see cref="Fallback"/>; controls run out first. Null: defaults hold on.</summary>
    public Duration? FallbackAfterLoss { get; init; }

    /// <summary>False for utilities that take 1, 2, 3, 6 and 7 only: rejections (251 to 254) are noted and not sent.</summary>
    public bool SendRejections { get; init; } = true;

    public Tier Tier { get; init; } = Tier.Regulatory;
    public Obligation Obligation { get; init; } = Obligation.Mandatory;

    /// <summary>What the site controller does once it hears nothing more from us. Null: it holds the schedule, whose end is the utility's default.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>Silence after which the fail-safe that is made of the utility's default applies.</summary>
    public Duration StaleAfter { get; init; } = Duration.FromMinutes(2);

    /// <summary>Names and weights for the streams of certain programs; the others name themselves.</summary>
    public IReadOnlyList<ProgramStream> Programs { get; init; } = [];

    /// <summary>Put before every stream key, so that several EndDevices at one site don't share streams.</summary>
    public string StreamPrefix { get; init; } = string.Empty;

    /// <summary>Nominal frequency of the grid, Hz: the middle of droop curves.</summary>
    public decimal NominalHz { get; init; } = 50;
}

/// <summary>What percentages refer to, W. Null: modes that need it are answered as not supported.</summary>
public sealed record Nameplate
{
    /// <summary>setMaxW.</summary>
    public long? MaxW { get; init; }

    /// <summary>setMaxChargeRateW; null: setMaxW. Storage only: droop is carried out where it is given.</summary>
    public long? MaxChargeW { get; init; }

    /// <summary>setMaxWh; null: none stated. Storage only.</summary>
    public long? MaxWh { get; init; }

    /// <summary>Greatest power the site draws from the grid; the measure of implausible limits beside setMaxW.</summary>
    public long? MaxImportW { get; init; }
}

/// <summary>What one program's line of authority is called, and how much it counts.</summary>
/// <param name="Program">The program's mRID (any case) or href.</param>
public sealed record ProgramStream(string Program)
{
    public string? Stream { get; init; }
    public Tier? Tier { get; init; }
    public Obligation? Obligation { get; init; }
    public Failsafe? Failsafe { get; init; }
}

/// <summary>Editions of the standard, as far as they differ in responses.</summary>
public enum ResponseEdition
{
    /// <summary>What is superseded stays so; 252 = not supported.</summary>
    Ieee2018,

    /// <summary>What is superseded resumes (14) when the other ends; 251 = not supported.</summary>
    Ieee2023,
}
