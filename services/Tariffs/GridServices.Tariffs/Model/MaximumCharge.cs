using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>
/// Lines together cost at most so much: a maximum average price per kWh (as the Flemish capacity tariff has it since 2023), or a maximum bill. Calculated after the
/// fixed charges and before credits, so that a minimum goes before a maximum.
/// </summary>
public sealed record MaximumCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>Kinds of line (<c>energy</c>, <c>demand</c>, <c>fixed</c>, <c>export</c>) or charge ids; empty = all of them.</summary>
    public ImmutableArray<string> Base { get; init; } = [];

    /// <summary>At most this per kWh imported.</summary>
    public decimal? PerKwh { get; init; }

    /// <summary>Instead: at most this per <see cref="Per"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Of <see cref="Amount"/>: month or day.</summary>
    public MinimumPer Per { get; init; } = MinimumPer.Month;
}
