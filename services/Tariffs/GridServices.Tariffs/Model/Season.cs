using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>A named part of the year.</summary>
public sealed record Season
{
    public required string Id { get; init; }

    /// <summary>Each half-open; one that ends before it starts runs over the new year.</summary>
    public required ImmutableArray<YearRange> Ranges { get; init; }
}
