using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>What this customer has agreed, as against what the tariff offers all.</summary>
public sealed record Account
{
    public static Account Plain { get; } = new();

    public int Meters { get; init; } = 1;

    /// <summary>Blocks subscribed, by charge.</summary>
    public ImmutableDictionary<string, int> SubscribedBlocks { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Contracted kW (kVA), by <c>charge/period</c>.</summary>
    public ImmutableDictionary<string, decimal> ContractedKw { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    /// <summary>First day of service, from which grace cycles and phase-ins count.</summary>
    public LocalDate? ServiceFrom { get; init; }

    /// <summary>The year's hours of use (kWh / kW), by hours-of-use charge, for bills that do not cover the year.</summary>
    public ImmutableDictionary<string, decimal> HoursOfUse { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    public ImmutableArray<PriorPeak> PriorPeaks { get; init; } = [];

    /// <summary>What coincident charges are billed by where the peaks were called in an earlier year.</summary>
    public ImmutableArray<CoincidentTag> CoincidentTags { get; init; } = [];

    /// <summary>Money credit brought over from the last bill.</summary>
    public decimal OpeningCredit { get; init; }

    /// <summary>kWh brought over from the last bill, by energy period, or by <c>charge/period</c> where charges brought different ones.</summary>
    public ImmutableDictionary<string, decimal> OpeningKwh { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    /// <summary>What was billed this year before the first cycle, for yearly minimums.</summary>
    public decimal BilledThisYear { get; init; }

    /// <summary>Whether the bills before say all of the year up to the first cycle; null = nothing but the account says it.</summary>
    internal bool? KnowsYear { get; init; }

    /// <summary>Months whose prior peaks may be too low.</summary>
    internal ImmutableArray<PartMonth> PartMonths { get; init; } = [];

    /// <summary>Why the credits that the bill begins with are not sure; null = they are.</summary>
    internal string? CreditDoubt { get; init; }
}
