using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Statements;

/// <summary>The utility's own bill, as far as it is known: its total, its lines, or both.</summary>
public sealed record Statement
{
    /// <summary>Its number, for people.</summary>
    public string? Number { get; init; }

    /// <summary>First day that it bills; with until, and without cycles in the request, the cycle that is calculated.</summary>
    public LocalDate? From { get; init; }

    /// <summary>First day that it no longer bills.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>What it asks for, taxes included; absent = the sum of its lines.</summary>
    public decimal? Total { get; init; }

    /// <summary>ISO 4217; absent = the tariff's.</summary>
    public string? Currency { get; init; }

    /// <summary>The energy that it bills, kWh.</summary>
    public decimal? Kwh { get; init; }

    /// <summary>It says that a reading is estimated.</summary>
    public bool? Estimated { get; init; }

    /// <summary>Most difference of a line that counts as rounding; absent = half of the smallest coin for each of our lines in it.</summary>
    public decimal? Tolerance { get; init; }

    public ImmutableArray<StatementLine> Lines { get; init; } = [];
}

/// <summary>One line of the utility's bill. What is not printed is left out.</summary>
public sealed record StatementLine
{
    /// <summary>Names the line in the answer; absent = its place, from 1.</summary>
    public string? Id { get; init; }

    /// <summary>As it is printed.</summary>
    public string? Text { get; init; }

    /// <summary>The charge of our tariff that it is; absent = told from text, unit, rate and amount.</summary>
    public string? Charge { get; init; }

    /// <summary>Of that charge; absent = all its periods together.</summary>
    public string? Period { get; init; }

    /// <summary>Of that charge, from 1; absent = all its tiers together.</summary>
    public int? Tier { get; init; }

    /// <summary>Of the tariff; absent = all versions together.</summary>
    public string? Version { get; init; }

    public decimal? Quantity { get; init; }

    /// <summary>kWh, kW, kVA, month, day …</summary>
    public string? Unit { get; init; }

    /// <summary>Per unit.</summary>
    public decimal? Rate { get; init; }

    /// <summary>Above 0 = the customer pays.</summary>
    public required decimal Amount { get; init; }
}
