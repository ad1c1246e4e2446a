using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>What the meters of one connection recorded. All series lie on one grid.</summary>
public sealed record MeterData
{
    /// <summary>Net (import positive, export negative) or import alone.</summary>
    public required IntervalSeries Net { get; init; }

    /// <summary>A separate export register, positive values; then <see cref="Net"/> is the import register.</summary>
    public IntervalSeries? Export { get; init; }

    /// <summary>A separate generation meter (buy all, sell all): positive = generated.</summary>
    public IntervalSeries? Generation { get; init; }

    /// <summary>kvar (mean) or kvarh per interval, on the same grid, in place of kW and kWh.</summary>
    public IntervalSeries? Reactive { get; init; }

    public static MeterData Of(IntervalSeries net) => new() { Net = net };
}

/// <summary>An earlier peak that a ratchet or a mean looks back to.</summary>
public sealed record PriorPeak
{
    public required YearMonth Month { get; init; }
    public required decimal Kw { get; init; }

    /// <summary>Absent = for every demand charge.</summary>
    public string? Charge { get; init; }

    /// <summary>Absent = for every period.</summary>
    public string? Period { get; init; }
}

/// <summary>
/// The kW that the customer had at a system peak that is billed later (the prior year's 4CP, PLC, ICAP tag, Triad). Of several that hold on a day, the charge's
/// <c>combine</c> makes one.
/// </summary>
public sealed record CoincidentTag
{
    /// <summary>Absent = for every coincident charge.</summary>
    public string? Charge { get; init; }

    /// <summary>Mean kW at the peak, at least 0.</summary>
    public required decimal Kw { get; init; }

    /// <summary>When the system peak was.</summary>
    public Instant? At { get; init; }

    /// <summary>First local day that is billed by it; absent with <see cref="Until"/> = the calendar year after <see cref="At"/>, or always.</summary>
    public LocalDate? From { get; init; }

    /// <summary>First local day that no longer is.</summary>
    public LocalDate? Until { get; init; }
}

/// <summary>What this customer has agreed, as against what the tariff offers all.</summary>
public sealed record Account
{
    public static Account Plain { get; } = new();

    public int Meters { get; init; } = 1;

    /// <summary>Blocks subscribed, by charge.</summary>
    public ImmutableDictionary<string, int> SubscribedBlocks { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Contracted kW, by <c>charge/period</c>.</summary>
    public ImmutableDictionary<string, decimal> ContractedKw { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    public ImmutableArray<PriorPeak> PriorPeaks { get; init; } = [];

    /// <summary>What coincident charges are billed by where the peaks were called in an earlier year.</summary>
    public ImmutableArray<CoincidentTag> CoincidentTags { get; init; } = [];

    /// <summary>Money credit brought over from the last bill.</summary>
    public decimal OpeningCredit { get; init; }

    /// <summary>kWh brought over from the last bill, by energy period.</summary>
    public ImmutableDictionary<string, decimal> OpeningKwh { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    /// <summary>What was billed this year before the first cycle, for yearly minimums.</summary>
    public decimal BilledThisYear { get; init; }
}

/// <summary>A price over time, per kWh.</summary>
public sealed record PriceCurve(string Series, ImmutableArray<PricePoint> Points);

/// <summary>The price on [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record PricePoint(Instant From, Instant Until, decimal Price);

public sealed record BillOptions
{
    public static BillOptions Default { get; } = new();

    /// <summary>Where a charge does not say.</summary>
    public TierFill EnergyTierFill { get; init; } = TierFill.Chronological;

    /// <summary>Instead of the tariff's policy.</summary>
    public Rounding? Rounding { get; init; }

    /// <summary>Whether to put the content hash of the intervals on the bill.</summary>
    public bool HashData { get; init; } = true;

    public ImmutableArray<PriceCurve> Prices { get; init; } = [];
}
