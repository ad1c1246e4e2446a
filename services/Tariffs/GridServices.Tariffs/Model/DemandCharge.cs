using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

public enum WindowKind
{
    /// <summary>Windows lie side by side, aligned to the local clock.</summary>
    Block,

    /// <summary>A window starts with every interval (or every <see cref="DemandWindow.StepMinutes"/>).</summary>
    Rolling,
}

/// <summary>Over which time kW are averaged. Intervals longer than the window are used as they are, and the bill says so.</summary>
public sealed record DemandWindow
{
    /// <summary>A divisor of the day: 5, 15, 30, 60 …</summary>
    public required int Minutes { get; init; }

    public WindowKind Kind { get; init; } = WindowKind.Block;

    /// <summary>Rolling: minutes between starts; absent = each interval.</summary>
    public int? StepMinutes { get; init; }
}

public enum DemandBasis
{
    Kw,

    /// <summary>Apparent power; needs reactive intervals.</summary>
    Kva,
}

/// <summary>When the peak is taken and paid.</summary>
public enum DemandAssessment
{
    /// <summary>One peak per billing period.</summary>
    BillingPeriod,

    /// <summary>One peak per local day, each paid.</summary>
    Daily,
}

/// <summary>What a period of demand pays in a cycle over the edge of its season.</summary>
public enum SeasonalDemand
{
    /// <summary>The price for the share of the cycle's days on which the season holds, as most sheets prorate.</summary>
    ByDays,

    /// <summary>The whole price, in each season.</summary>
    Whole,
}

/// <summary>A price per kW of the highest window, by period and tier.</summary>
public sealed record DemandCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>The schedule that gives the period; absent = one period named <c>all</c>. A period without a rate is free.</summary>
    public string? Schedule { get; init; }

    public required ImmutableArray<DemandRate> Rates { get; init; }
    public DemandWindow? Window { get; init; }
    public DemandAssessment Assess { get; init; } = DemandAssessment.BillingPeriod;
    public DemandBasis Basis { get; init; } = DemandBasis.Kw;

    /// <summary>kVA = kW / this where the meter has no kvar; absent = kVA need reactive intervals.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>Metered kW (after ratchet and mean) x this are billed; absent = 1.</summary>
    public decimal? LossFactor { get; init; }

    /// <summary>Billing cycles that begin within so many months of the account's <c>serviceFrom</c> pay nothing of this charge.</summary>
    public int? GraceCycles { get; init; }

    /// <summary>Shares of the price by months since the account's <c>serviceFrom</c>, in order; after the last the whole price.</summary>
    public ImmutableArray<PhaseInStep> PhaseIn { get; init; } = [];

    /// <summary>Shares of the price by the cycle's load factor, in order; above the last the whole price.</summary>
    public ImmutableArray<LoadFactorShare> LoadFactorShares { get; init; } = [];

    /// <summary>Below this power factor billed kW = kW x limit / pf; needs reactive intervals.</summary>
    public decimal? PowerFactorLimit { get; init; }

    /// <summary>What a period pays whose season holds on a part of the cycle's days; absent = by days.</summary>
    public SeasonalDemand? Seasons { get; init; }

    public Ratchet? Ratchet { get; init; }

    /// <summary>At least so many kW are billed in each period that has a rate.</summary>
    public decimal? MinimumKw { get; init; }

    /// <summary>Demand at called system peaks instead of the customer's own.</summary>
    public CoincidentPeak? Coincident { get; init; }

    /// <summary>Mean of monthly peaks instead of this month's alone.</summary>
    public PeakMean? Mean { get; init; }
}

public sealed record DemandRate
{
    public required string Period { get; init; }

    /// <summary>Marginal blocks of kW in order; the last is open.</summary>
    public required ImmutableArray<DemandTier> Tiers { get; init; }
}

public sealed record DemandTier
{
    /// <summary>kW (or kVA) at which the block ends; absent = open.</summary>
    public decimal? UpTo { get; init; }

    /// <summary>Per kW and billing period (day, if assessed daily).</summary>
    public required decimal Price { get; init; }

    public decimal Adjustment { get; init; }
}

public enum RatchetBasis
{
    /// <summary>The months before the billed one.</summary>
    Trailing,

    /// <summary>All months of the calendar year, also later ones (the yearly settlement custom).</summary>
    CalendarYear,
}

/// <summary>Billed kW are at least a share of an earlier peak.</summary>
public sealed record Ratchet
{
    /// <summary>Percent of the earlier peak, 0..100.</summary>
    public decimal? Percent { get; init; }

    /// <summary>Twelve percentages instead, by the month in which the peak was set.</summary>
    public ImmutableArray<decimal> PercentByMonth { get; init; } = [];

    public int LookbackMonths { get; init; } = 11;

    /// <summary>Only peaks of these months count (1..12); empty = all.</summary>
    public ImmutableArray<int> SourceMonths { get; init; } = [];

    /// <summary>Only peaks of these periods count; empty = the billed period's own.</summary>
    public ImmutableArray<string> SourcePeriods { get; init; } = [];

    /// <summary>Only these billed months are ratcheted; empty = all.</summary>
    public ImmutableArray<int> AppliesInMonths { get; init; } = [];

    /// <summary>Months whose own peak counts in full; empty = all. In the others the month's own percentage applies to it too.</summary>
    public ImmutableArray<int> CurrentInFullMonths { get; init; } = [];

    public RatchetBasis Basis { get; init; } = RatchetBasis.Trailing;
}

public enum PeakCombination
{
    Max,
    Mean,

    /// <summary>Each called peak is paid.</summary>
    Sum,
}

/// <summary>The customer's mean kW during called events of one kind.</summary>
public sealed record CoincidentPeak
{
    public required string Event { get; init; }
    public PeakCombination Combine { get; init; } = PeakCombination.Max;
}

/// <summary>Mean of the last months' peaks (this one included), each at least <see cref="FloorKw"/>.</summary>
public sealed record PeakMean
{
    public int Months { get; init; } = 12;
    public decimal FloorKw { get; init; }
}

/// <summary>The demand that scales kWh/kW tiers.</summary>
public sealed record BillingDemand
{
    public string? Schedule { get; init; }

    /// <summary>Only these periods of the schedule count; empty = all.</summary>
    public ImmutableArray<string> Periods { get; init; } = [];

    public DemandWindow? Window { get; init; }
    public Ratchet? Ratchet { get; init; }
    public decimal MinimumKw { get; init; }

    /// <summary>Metered kW (after the ratchet) x this count; absent = 1.</summary>
    public decimal? LossFactor { get; init; }
}
