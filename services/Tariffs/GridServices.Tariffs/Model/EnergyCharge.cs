using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>What a tier bound counts.</summary>
public enum TierUnit
{
    /// <summary>kWh in the billing period.</summary>
    Kwh,

    /// <summary>kWh per day of the billing period.</summary>
    KwhDaily,

    /// <summary>kWh per kW of <see cref="BillingDemand"/> (hours of use).</summary>
    KwhPerKw,

    /// <summary>kWh per kW and day.</summary>
    KwhPerKwDaily,
}

/// <summary>Which energy meets which tier when the prices differ over the day. Two customs exist; a tariff or a bill says which.</summary>
public enum TierFill
{
    /// <summary>Energy fills the tiers in the order of time.</summary>
    Chronological,

    /// <summary>The period's total is split over the tiers, each with every period's share of it.</summary>
    Prorated,
}

/// <summary>Which energy counts toward a tier bound.</summary>
public enum TierScope
{
    /// <summary>All energy of the charge; bounds may differ per period.</summary>
    Charge,

    /// <summary>The energy of each period for itself.</summary>
    Period,
}

/// <summary>A price per kWh, by period and tier, or from a price series.</summary>
public sealed record EnergyCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>The schedule that gives the period; absent = one period named <c>all</c>.</summary>
    public string? Schedule { get; init; }

    public ImmutableArray<EnergyRate> Rates { get; init; } = [];

    /// <summary>Absent = as the bill's options say.</summary>
    public TierFill? Fill { get; init; }

    public TierScope Scope { get; init; } = TierScope.Charge;

    /// <summary>Metered import x this is billed and fills the tiers (losses of transformer or line up to the point of delivery); absent = 1.</summary>
    public decimal? LossFactor { get; init; }

    /// <summary>Real-time price instead of, or on top of, <see cref="Rates"/>.</summary>
    public IndexPrice? Index { get; init; }
}

public sealed record EnergyRate
{
    public required string Period { get; init; }

    /// <summary>Marginal blocks in order; the last is open.</summary>
    public required ImmutableArray<EnergyTier> Tiers { get; init; }
}

public sealed record EnergyTier
{
    /// <summary>Where the block ends, in <see cref="Unit"/>; absent = open.</summary>
    public decimal? UpTo { get; init; }

    public TierUnit Unit { get; init; } = TierUnit.Kwh;

    /// <summary>Per kWh imported; may be negative.</summary>
    public required decimal Price { get; init; }

    /// <summary>Added to the price (fuel, riders); kept apart as the source keeps it.</summary>
    public decimal Adjustment { get; init; }

    /// <summary>Per kWh exported, where export is sold by this charge.</summary>
    public decimal? Sell { get; init; }
}

/// <summary>price(t) = clamp(series(t) x <see cref="Multiplier"/> + <see cref="Adder"/>, floor, cap), per kWh.</summary>
public sealed record IndexPrice
{
    /// <summary>Name of the price series that the bill is given.</summary>
    public required string Series { get; init; }

    public decimal Multiplier { get; init; } = 1;
    public decimal Adder { get; init; }
    public decimal? Floor { get; init; }
    public decimal? Cap { get; init; }

    /// <summary>Exported energy is credited at this share of the same price; absent = not by this charge.</summary>
    public decimal? SellShare { get; init; }
}
