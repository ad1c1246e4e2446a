using System.Collections.Immutable;

namespace GridServices.Tariffs;

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
}
