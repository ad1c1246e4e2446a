using System.Collections.Immutable;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Invoices;

/// <summary>How the lines of a bill are taxed: the first rule that fits a line holds.</summary>
public sealed record VatTerms
{
    public required ImmutableArray<VatRule> Rules { get; init; }

    /// <summary>Charge ids of the tariff's taxes that are the VAT itself: they become the VAT breakdown and no lines.</summary>
    public ImmutableArray<string> InBill { get; init; } = [];

    /// <summary>Charge ids of the tariff's other taxes (electricity tax …): they are invoiced as lines, with VAT on them.</summary>
    public ImmutableArray<string> OtherTaxes { get; init; } = [];

    internal VatRule? FindRule(LineItem line) => Rules.FirstOrDefault(r => r.Fits(line));
}

/// <summary>One category and rate, and the lines that have it.</summary>
public sealed record VatRule
{
    public required VatCategory Category { get; init; }

    /// <summary>Percent; above 0 for S, 0 (or absent) for all others.</summary>
    public decimal Rate { get; init; }

    /// <summary>Kinds of line; empty = all.</summary>
    public ImmutableArray<LineKind> Kinds { get; init; } = [];

    /// <summary>Charge ids; empty = all.</summary>
    public ImmutableArray<string> Charges { get; init; } = [];

    /// <summary>Why no VAT is charged (BT-120): needed for E, AE and O, not allowed for S and Z.</summary>
    public string? Reason { get; init; }

    internal bool Fits(LineItem line) => (Kinds.IsEmpty || Kinds.Contains(line.Kind)) && (Charges.IsEmpty || Charges.Contains(line.Charge, StringComparer.Ordinal));
}
