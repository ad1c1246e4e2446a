using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>
/// A price on top of the charges with days of its own: fuel and power-cost riders, levies, taxes per kWh. Calculated after minimum and true-up, before
/// <see cref="Tariff.Adjustments"/>, which may be a percentage of it.
/// </summary>
public sealed record Rider
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>Which kind of line it is.</summary>
    public AdjustmentKind Kind { get; init; } = AdjustmentKind.Rider;

    public required RiderPer Per { get; init; }

    /// <summary>In the tariff's currency per unit of <see cref="Per"/>; negative = a credit.</summary>
    public required decimal Price { get; init; }

    /// <summary>Per kW: the demand charges whose billed kW (kVA) it is on, all their periods together.</summary>
    public ImmutableArray<string> Of { get; init; } = [];

    /// <summary>First local day on which it holds; absent = as long as the version.</summary>
    public LocalDate? EffectiveFrom { get; init; }

    /// <summary>First local day on which it no longer holds; absent = open.</summary>
    public LocalDate? EffectiveUntil { get; init; }

    /// <summary>Per kWh: metered kWh x this are billed.</summary>
    public decimal? LossFactor { get; init; }

    /// <summary>Per kWh: so many kWh per month are exempt, by its share of days.</summary>
    public decimal? ExemptKwh { get; init; }

    /// <summary>Per kWh: this share of the kWh is exempt, 0..100 percent; after <see cref="ExemptKwh"/>.</summary>
    public decimal? ExemptPercent { get; init; }
}
