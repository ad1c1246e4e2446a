using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>A percentage of other lines. Order matters: a base may name an adjustment that stands before.</summary>
public sealed record Adjustment
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public AdjustmentKind Kind { get; init; } = AdjustmentKind.Tax;

    /// <summary>19 = nineteen percent; negative = a discount.</summary>
    public required decimal Percent { get; init; }

    /// <summary>Line kinds (<c>energy</c>, <c>demand</c>, <c>fixed</c>, <c>minimum</c>, <c>export</c>, <c>adjustment</c>, <c>tax</c>), charge ids or adjustment ids; empty = all before.</summary>
    public ImmutableArray<string> Base { get; init; } = [];

    /// <summary>Kinds of line or ids that are exempt although <see cref="Base"/> has them.</summary>
    public ImmutableArray<string> Except { get; init; } = [];

    /// <summary>Of lines per kWh so many kWh per month are exempt, at the mean price of each line.</summary>
    public decimal? ExemptKwh { get; init; }

    /// <summary>This share of the base is exempt, 0..100 percent; after <see cref="ExemptKwh"/>.</summary>
    public decimal? ExemptPercent { get; init; }
}
