using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>
/// What demand response (DRLC: DemandResponseProgram, EndDeviceControl) means at the client's sites. Without it the function set is left alone. What a control asks for
/// and this does not say how to carry out is answered as not supported.
/// </summary>
public sealed record DerLoadControl
{
    /// <summary>DeviceCategoryType bits that the sites are, hex. Controls for others are none of ours. 00044000: energy management system, virtual or mixed DER.</summary>
    public string DeviceCategory { get; init; } = "00044000";

    /// <summary>Where the limit applies: at the connection point (importLimitW), or at the DER (loadLimitW).</summary>
    public DerLoadPoint At { get; init; } = DerLoadPoint.Site;

    /// <summary>The load, W, that reductions and shares refer to. Null: <see cref="DerNameplate.MaxImportW"/> of the device; without either they are not carried out.</summary>
    public long? ReferenceW { get; init; }

    /// <summary>Whether reductions and shares refer to that, or to what the site drew when the control began.</summary>
    public DerLoadReference Reference { get; init; } = DerLoadReference.ReferenceW;

    /// <summary>What TargetReduction (kWh over the event, kW, W) means.</summary>
    public DerTargetReduction TargetReduction { get; init; } = DerTargetReduction.ReduceBy;

    /// <summary>True: DutyCycle is the share of the reference that may be drawn. False: it is not carried out.</summary>
    public bool DutyCycle { get; init; } = true;

    /// <summary>True: loadAdjustmentPercentageOffset is taken off the reference. False: it is not carried out.</summary>
    public bool LoadOffset { get; init; } = true;

    /// <summary>
    /// Per cent of the reference that may be drawn while a control asks for what has no amount here: temperatures (SetPoint, Offset) and
    /// ApplianceLoadReduction. Null: those are not carried out.
    /// </summary>
    public int? OtherwisePercent { get; init; }

    public Tier Tier { get; init; } = Tier.Contractual;
    public Obligation Obligation { get; init; } = Obligation.Mandatory;

    /// <summary>What the site controller does once it hears nothing more from us. Null: it holds the schedule.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>What the server is told that could be shed (LoadShedAvailability). Null: nothing.</summary>
    public DerSheddable? Sheddable { get; init; }
}

/// <summary>How much of its load a site could shed.</summary>
public sealed record DerSheddable
{
    /// <summary>W.</summary>
    public long? PowerW { get; init; }

    /// <summary>Per cent of the present load.</summary>
    public int? Percent { get; init; }

    /// <summary>For how long the most can be shed.</summary>
    public Duration? For { get; init; }
}

/// <summary>Where limits of demand response apply.</summary>
public enum DerLoadPoint
{
    Site,
    Der,
}

/// <summary>What reductions refer to.</summary>
public enum DerLoadReference
{
    /// <summary>The configured load.</summary>
    ReferenceW,

    /// <summary>What the site drew within the minute before the control began, at most the configured load; that itself until then, and where nothing was measured.</summary>
    PresentLoad,
}

/// <summary>Meanings of TargetReduction; the standard's text allows either.</summary>
public enum DerTargetReduction
{
    /// <summary>The amount by which the load is to be less than the reference.</summary>
    ReduceBy,

    /// <summary>The threshold that the load is to stay below.</summary>
    StayBelow,

    /// <summary>It is not carried out.</summary>
    NotFollowed,
}
