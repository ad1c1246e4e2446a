using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>An EndDevice and the site it stands for.</summary>
public sealed record DerDeviceConfig
{
    public required string SiteId { get; init; }

    /// <summary>
    /// 40 hex digits, or <c>auto</c>: made of the client's LFDI, the site and the enterprise number. Null: the certificate's own (direct) or auto (aggregator).
    /// </summary>
    public string? Lfdi { get; init; }

    /// <summary>The registration PIN that the utility gave, 6 digits with its check digit or 5 without. Null: any registration is accepted.</summary>
    public string? Pin { get; init; }

    /// <summary>National metering identifier, put to the server as connectionPointId. Null: nothing is put.</summary>
    public string? Nmi { get; init; }

    /// <summary>Assets of the site that make up the DER. Empty: all of them.</summary>
    public IReadOnlyList<string> Assets { get; init; } = [];

    /// <summary>Where limits of generation and load, connection and set-points apply. Null: the asset, where <see cref="Assets"/> names one alone; else the site.</summary>
    public EnvelopeTarget? DerTarget { get; init; }

    public DerNameplate Nameplate { get; init; } = new();

    /// <summary>
    /// Autonomous functions that the site's controller declared: its equipment carries them out by itself. They are stated in modesSupported, and the utility's
    /// settings of them are passed on; those of others are answered as not supported.
    /// </summary>
    public IReadOnlyList<FunctionKind> Functions { get; init; } = [];

    /// <summary>See <see cref="DerTarget"/>.</summary>
    internal EnvelopeTarget? Der() => DerTarget ?? (Assets is [var alone] ? new EnvelopeTarget(ToKind(Nameplate.Type), alone) : null);

    // IEEE 2030.5-2018 DERType. A mix of several kinds, or a generator that the contract has no kind for, is a circuit of its own.
    private static TargetKind ToKind(int derType) => derType switch
    {
        DerTypes.Photovoltaic => TargetKind.Pv,
        DerTypes.OtherStorage => TargetKind.Ess,
        DerTypes.ElectricVehicle or DerTypes.Evse => TargetKind.Evse,
        _ => TargetKind.Circuit,
    };
}

/// <summary>Ratings and settings of the DER behind one EndDevice, W, VA, var, Wh, V. Null: not stated to the server.</summary>
public sealed record DerNameplate
{
    /// <summary>DERType code; 4 = photovoltaic, 80 = other storage, 81 = electric vehicle, 82 = EVSE, 83 = photovoltaic and storage. See <see cref="DerTypes"/>.</summary>
    public int Type { get; init; } = DerTypes.PhotovoltaicAndStorage;

    /// <summary>Greatest active power, W (rtgMaxW).</summary>
    public long? MaxW { get; init; }

    /// <summary>The setting, at most <see cref="MaxW"/>; null: the same (setMaxW).</summary>
    public long? SetMaxW { get; init; }

    public long? MaxVA { get; init; }
    public long? MaxVar { get; init; }
    public long? MaxChargeW { get; init; }
    public long? MaxDischargeW { get; init; }
    public long? MaxWh { get; init; }
    public long? MinWh { get; init; }
    public long? NominalV { get; init; }

    /// <summary>Greatest power drawn from the grid by the site, W; the measure of implausible import limits. Null: <see cref="MaxW"/>.</summary>
    public long? MaxImportW { get; init; }

    /// <summary>Ramp rate in force before any server sets one, hundredths of % of setMaxW per second (27 = AS/NZS 4777 Wgra).</summary>
    public int GradW { get; init; } = 27;

    /// <summary>True: the device takes part in CSIP-AUS demand response; its status shows the modes 100 to 108.</summary>
    public bool DemandResponse { get; init; }

    /// <summary>Control modes understood; null: what the engine understands.</summary>
    public DerModeBits? Modes { get; init; }
}

/// <summary>Control modes as bitmaps of the standard, hex: DERControlType (modesSupported) and CSIP-AUS doeModesSupported.</summary>
public sealed record DerModeBits
{
    public string? Der { get; init; }
    public string? Doe { get; init; }
}

/// <summary>What one program's line of authority is called, and how much it counts.</summary>
public sealed record DerProgramConfig
{
    /// <summary>The program's mRID (any case) or href.</summary>
    public required string Program { get; init; }

    /// <summary>Key of the envelope stream. Null: it names itself.</summary>
    public string? Stream { get; init; }

    public Tier? Tier { get; init; }
    public Obligation? Obligation { get; init; }
    public Failsafe? Failsafe { get; init; }
}
