using System.Collections.Immutable;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

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
