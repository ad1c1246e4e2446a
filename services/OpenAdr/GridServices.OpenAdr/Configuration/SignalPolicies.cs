using System.Text.Json.Serialization;
using GridServices.Contracts;

namespace GridServices.OpenAdr.Configuration;

/// <summary>The signals the program understands. A signal without a policy is unsupported (answered 460).</summary>
public sealed record SignalPolicies
{
    [JsonPropertyName("SIMPLE")]
    public SimplePolicy? Simple { get; init; }

    [JsonPropertyName("LOAD_CONTROL")]
    public LoadControlPolicy? LoadControl { get; init; }

    [JsonPropertyName("LOAD_DISPATCH")]
    public LoadDispatchPolicy? LoadDispatch { get; init; }

    [JsonPropertyName("ELECTRICITY_PRICE")]
    public PricePolicy? ElectricityPrice { get; init; }

    [JsonPropertyName("ENERGY_PRICE")]
    public PricePolicy? EnergyPrice { get; init; }

    [JsonPropertyName("DEMAND_CHARGE")]
    public DemandChargePolicy? DemandCharge { get; init; }

    [JsonPropertyName("CHARGE_STATE")]
    public ChargeStatePolicy? ChargeState { get; init; }

    internal bool RefersToPresentLoad => LoadControl?.Reference == LoadReference.PresentLoad || LoadDispatch?.Reference == LoadReference.PresentLoad;

    internal bool RefersToCharge => ChargeState?.CapacityWh is not null;
}

/// <summary>What shares, percentages, deltas and multiples refer to.</summary>
public enum LoadReference
{
    /// <summary>The configured referenceW, or what stands in for it.</summary>
    Configured,

    /// <summary>What the site drew within the minute before the event began, at most referenceW; referenceW until then, and where the site was not measured.</summary>
    PresentLoad,
}

/// <summary>Limits per level <c>"0"</c>..<c>"3"</c>. A level that is left out means what the next lower one means, and none is looser than a lower one; level 0 left out: no statement. What no level up to its own states is answered 460.</summary>
public sealed record SimplePolicy
{
    public required IReadOnlyDictionary<string, Limits> Levels { get; init; }

    /// <summary>True: the value is a level whatever signalType says. <c>level</c> and <c>delta</c> (EPRI's VTN) always count; others are 460 by OpenADR 2.0b rule 116.</summary>
    public bool AnyType { get; init; }
}

/// <summary>Which limit a single number becomes.</summary>
public enum LimitQuantity
{
    ImportLimitW,
    LoadLimitW,
    ChargeLimitW,
}

/// <summary>LOAD_CONTROL: capacity fractions and percentages of a reference, level offsets by table, set-points in the unit they bring.</summary>
public sealed record LoadControlPolicy
{
    /// <summary>100 % of the controllable load, W ≥ 0. Null: capacity and percentage signals are unsupported, unless the site has its own.</summary>
    public long? ReferenceW { get; init; }

    /// <summary>presentLoad needs <see cref="ReferenceW"/>.</summary>
    public LoadReference Reference { get; init; }

    public LimitQuantity Limit { get; init; } = LimitQuantity.ImportLimitW;

    /// <summary>What set-points are in that come without a unit. Null: such ones are unsupported, for nobody knows whether 20 is 20 W or 20 kW.</summary>
    public PowerUnit? Unit { get; init; }

    /// <summary>W per VA, more than 0, at most 1: what set-points in VA are read with. Null: such ones are unsupported.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>x-loadControlLevelOffset: limits per integer offset, e.g. <c>"-1"</c>. Offset 0 left out: no statement. Null: unsupported.</summary>
    public IReadOnlyDictionary<string, Limits>? LevelOffsets { get; init; }
}

/// <summary>LOAD_DISPATCH: set-point, delta, multiplier and level.</summary>
public sealed record LoadDispatchPolicy
{
    /// <summary>Where a program has no policy: set-points are targets, everything else is unsupported.</summary>
    public static LoadDispatchPolicy Default { get; } = new() { Target = true };

    /// <summary>True: the number is a target (signed, + = import). False: it is an upper limit of <see cref="Limit"/>.</summary>
    public bool Target { get; init; }

    public LimitQuantity Limit { get; init; } = LimitQuantity.ImportLimitW;

    /// <summary>What set-points, deltas and baselines are in that come without a unit. Null: such ones are unsupported.</summary>
    public PowerUnit? Unit { get; init; }

    /// <summary>W per VA, more than 0, at most 1: what set-points in VA are read with. Null: such ones are unsupported.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>
    /// True: set-points in var are the function <c>targetVar</c> of the sites' equipment, beside all limits and set-points of power; positive where reactive power
    /// is to be supplied. False: such ones are unsupported.
    /// </summary>
    public bool ReactivePower { get; init; }

    /// <summary>What deltas and multipliers refer to, W. Null: the event's baseline, else the site's reference, else unsupported.</summary>
    public long? ReferenceW { get; init; }

    /// <summary>presentLoad needs <see cref="ReferenceW"/>.</summary>
    public LoadReference Reference { get; init; }

    /// <summary>Limits per level <c>"-10"</c>..<c>"10"</c>. Level 0 left out: no statement. Null: unsupported.</summary>
    public IReadOnlyDictionary<string, Limits>? Levels { get; init; }
}

/// <summary>ELECTRICITY_PRICE and ENERGY_PRICE: absolute, relative to or a multiple of a base price.</summary>
public sealed record PricePolicy
{
    /// <summary>Where a program has no policy: absolute prices in USD or without a unit.</summary>
    public static PricePolicy Default { get; } = new();

    /// <summary>ISO 4217; a signal in another currency is unsupported. Null: USD. Prices that come without a unit are in it.</summary>
    public string? Currency { get; init; }

    /// <summary>Price per kWh that priceRelative is added to and priceMultiplier multiplies. Null: both are unsupported.</summary>
    public decimal? BasePrice { get; init; }

    public PriceDirection Direction { get; init; } = PriceDirection.Import;

    /// <summary>The currency of the price series.</summary>
    internal string CurrencyOrDefault => Currency ?? "USD";
}

/// <summary>DEMAND_CHARGE: a price per kW of demand; from a price on, limits hold.</summary>
public sealed record DemandChargePolicy
{
    /// <summary>ISO 4217; a signal in another currency is unsupported. Null: USD. Prices that come without a unit are in it.</summary>
    public string? Currency { get; init; }

    /// <summary>Price per kW that priceRelative is added to and priceMultiplier multiplies. Null: both are unsupported.</summary>
    public decimal? BasePrice { get; init; }

    /// <summary>What holds from which price on; where a price reaches several, all of them hold.</summary>
    public required IReadOnlyList<PricedLimits> Limits { get; init; }
}

/// <summary>Limits that hold while a price is at least <see cref="From"/>.</summary>
public sealed record PricedLimits
{
    /// <summary>Per kW, in the policy's currency.</summary>
    public required decimal From { get; init; }

    public required Limits Limits { get; init; }
}

/// <summary>
/// CHARGE_STATE, as a target of the site beside its other load. Delta: energy to be stored (+) or released (-) within an interval, evenly. Set-point (energy) and multiplier
/// (share of <see cref="CapacityWh"/>, 0 to 1): how full the storage is to be at an interval's end, from its state of charge when the event begins.
/// </summary>
public sealed record ChargeStatePolicy
{
    /// <summary>What the site imports apart from its storage, W, signed.</summary>
    public required long OtherLoadW { get; init; }

    /// <summary>Of the storage when full, Wh, more than 0. Null: set-points and multipliers are unsupported.</summary>
    public long? CapacityWh { get; init; }

    /// <summary>The asset whose state of charge in the telemetry is the storage's; null: the site's own readings tell it.</summary>
    public string? AssetId { get; init; }

    /// <summary>What energies are in that come without a unit. Null: such ones are unsupported.</summary>
    public EnergyUnit? Unit { get; init; }
}

/// <summary>What energies without a unit are in.</summary>
public enum EnergyUnit
{
    [JsonStringEnumMemberName("Wh")]
    Wh,

    [JsonStringEnumMemberName("kWh")]
    KWh,

    [JsonStringEnumMemberName("MWh")]
    MWh,
}

/// <summary>What numbers without a unit are in.</summary>
public enum PowerUnit
{
    [JsonStringEnumMemberName("W")]
    W,

    [JsonStringEnumMemberName("kW")]
    KW,

    [JsonStringEnumMemberName("MW")]
    MW,
}

/// <summary>Which energy a price is for.</summary>
public enum PriceDirection
{
    Import,
    Export,
    Both,
}
