using GridServices.Contracts.Functions;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>The modes of a control that this engine carries out. Supersede is decided for each of them alone.</summary>
public enum ControlMode
{
    /// <summary>opModConnect: false = disconnect the DER.</summary>
    Connect,

    /// <summary>opModEnergize: false = de-energize the DER.</summary>
    Energize,

    /// <summary>CSIP-AUS opModImpLimW, W, not negative, at the connection point.</summary>
    ImpLimW,

    /// <summary>CSIP-AUS opModExpLimW, W, not negative, at the connection point.</summary>
    ExpLimW,

    /// <summary>CSIP-AUS opModGenLimW, W, not negative, of the DER.</summary>
    GenLimW,

    /// <summary>CSIP-AUS opModLoadLimW, W, not negative, of the DER.</summary>
    LoadLimW,

    /// <summary>opModMaxLimW, hundredths of a per cent of setMaxW, 0 to 10,000: greatest generation.</summary>
    MaxLimW,

    /// <summary>opModFixedW, hundredths of a per cent, -10,000 to 10,000: of setMaxW where positive (generation), of setMaxChargeRateW where negative.</summary>
    FixedW,

    /// <summary>opModTargetW, W, positive = generation.</summary>
    TargetW,

    /// <summary>CSIP-AUS opModStorageTargetW, W, positive = discharge.</summary>
    StorageTargetW,

    /// <summary>opModFreqDroop: power by frequency.</summary>
    FreqDroop,

    /// <summary>opModFixedPFAbsorbW: power factor while charging. From here on: autonomous functions.</summary>
    FixedPFAbsorbW,
    FixedPFInjectW,
    FixedVar,
    TargetVar,
    FreqWatt,
    HFRTMayTrip,
    HFRTMustTrip,
    HVRTMayTrip,
    HVRTMomentaryCessation,
    HVRTMustTrip,
    LFRTMayTrip,
    LFRTMustTrip,
    LVRTMayTrip,
    LVRTMomentaryCessation,
    LVRTMustTrip,
    VoltVar,
    VoltWatt,
    WattPF,
    WattVar,

    /// <summary>setESDelay and the like, in a default only: how to come back to the grid.</summary>
    EnterService,
}

/// <summary>What a control or a default says of one mode.</summary>
/// <param name="Mode">The mode; it gives <paramref name="Amount"/> its unit.</param>
/// <param name="Amount">Exact, as received; connect and energize: 1 = true, 0 = false; droop: 0.</param>
/// <param name="Droop">Only with <see cref="ControlMode.FreqDroop"/>.</param>
public sealed record ModeSetting(ControlMode Mode, decimal Amount, DroopSetting? Droop = null)
{
    /// <summary>The setting of a function that needs no curve; null otherwise.</summary>
    public FunctionSetting? Function { get; init; }

    /// <summary>What an EndDeviceControl limits by, so that the amount can follow the load; null for DER controls.</summary>
    public LoadRule? Load { get; init; }

    /// <summary>Path of the DERCurve that the mode refers to; null for modes without. What the curve says may change while the control doesn't.</summary>
    public string? CurvePath { get; init; }

    /// <summary>True where the mode bounds and doesn't ask: of two settings the smaller amount is the stricter.</summary>
    public bool IsLimit => Limits(Mode);

    /// <summary>True for modes that bound; false for those that ask for a set-point.</summary>
    public static bool Limits(ControlMode mode) => mode <= ControlMode.MaxLimW;
}

/// <summary>Parameters of frequency droop, as sent.</summary>
/// <param name="DeadbandOverMHz">Above nominal, mHz.</param>
/// <param name="DeadbandUnderMHz">Below nominal, mHz.</param>
/// <param name="SlopeOver">Thousandths: per-unit change of frequency for a per-unit change of power.</param>
/// <param name="SlopeUnder">The same below nominal.</param>
/// <param name="OpenLoopTms">Hundredths of a second to 90 % of the response; null in states of before it was kept.</param>
public sealed record DroopSetting(long DeadbandOverMHz, long DeadbandUnderMHz, long SlopeOver, long SlopeUnder, long? OpenLoopTms = null);

/// <summary>One of several contents that came under one mRID.</summary>
/// <param name="StartS">Unix seconds.</param>
/// <param name="EndS">Unix seconds, exclusive.</param>
/// <param name="Settings">What it says.</param>
public sealed record ContentVariant(long StartS, long EndS, ValueList<ModeSetting> Settings);

/// <summary>What an event says; all of it but its status is immutable.</summary>
public sealed record ControlContent
{
    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds, before randomisation.</summary>
    public required long StartS { get; init; }

    /// <summary>Seconds, before randomisation; more than zero.</summary>
    public required long DurationS { get; init; }

    /// <summary>-3,600 to 3,600: the start moves by a number drawn from [0, value].</summary>
    public int RandomizeStartS { get; init; }

    /// <summary>-3,600 to 3,600: the duration changes by a number drawn from [0, value].</summary>
    public int RandomizeDurationS { get; init; }

    /// <summary>In ascending order of mode; empty: the event says nothing, which is not "no limit".</summary>
    public required ValueList<ModeSetting> Settings { get; init; }

    /// <summary>Where the server sent several contents under one mRID: all of them. Empty otherwise.</summary>
    public ValueList<ContentVariant> Variants { get; init; } = [];

    /// <summary>Dated by a clock of its own: seconds by which its times here were moved to stand by the server's. Null: they are as sent.</summary>
    public long? ClockShiftS { get; init; }

    /// <summary>Hundredths of a second; null where not said.</summary>
    public long? RampTms { get; init; }

    /// <summary>What an EndDeviceControl asks; null for DER controls.</summary>
    public LoadTerms? Load { get; init; }

    public string? ReplyTo { get; init; }
    public byte ResponseRequired { get; init; }

    /// <summary>True where the server wants a response of that status.</summary>
    public bool IsAsked(int status) => IsAsked(status, ReplyTo, ResponseRequired);

    // Bit 0 asks for "received", bit 1 for everything that tells what became of the event, bit 2 for what people chose.
    internal static bool IsAsked(int status, string? replyTo, byte responseRequired) => replyTo is not null && (responseRequired & status switch
    {
        Messages.ResponseStatus.Received => 0x01,
        Messages.ResponseStatus.OptOut or Messages.ResponseStatus.OptIn => 0x06,
        _ => 0x02,
    }) != 0;

    /// <summary>Unix seconds, exclusive, before randomisation.</summary>
    public long EndS() => StartS + DurationS;

    /// <summary>The same, its clock being found elsewhere.</summary>
    public ControlContent Moved(long byS, long? clockShiftS) => this with
    {
        CreationTime = CreationTime + byS,
        StartS = StartS + byS,
        Variants = Variants.Select(v => v with { StartS = v.StartS + byS, EndS = v.EndS + byS }).ToValueList(),
        ClockShiftS = clockShiftS,
    };

    public ModeSetting? Setting(ControlMode mode) => Settings.FirstOrDefault(s => s.Mode == mode);

    /// <summary>True where both ask the same of the site: what may differ is how it is told and answered.</summary>
    public bool IsEquivalentTo(ControlContent other) => this with
    {
        CreationTime = other.CreationTime,
        Version = other.Version,
        ReplyTo = other.ReplyTo,
        ResponseRequired = other.ResponseRequired,

        // What a load control amounts to is the policy's word, which may change while the server's doesn't.
        Settings = Load is null ? Settings : other.Settings,
        Variants = Load is null ? Variants : other.Variants,
    } == other;
}
