using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Bills;

public enum LineKind
{
    Energy,
    Demand,
    Fixed,

    /// <summary>Export sold, credits applied and carried, true-ups.</summary>
    Export,

    /// <summary>Riders.</summary>
    Adjustment,
    Tax,

    /// <summary>What lifts the bill to its minimum.</summary>
    Minimum,
}

/// <summary>One quantity at one rate inside a line that has several.</summary>
public sealed record LineTerm(decimal Quantity, decimal Rate);

/// <summary>One line of a bill. Amount = quantity x rate, or the sum of its terms; nothing else is needed to calculate it again.</summary>
public sealed record LineItem
{
    public required LineKind Kind { get; init; }

    /// <summary>The charge of the tariff that this is.</summary>
    public required string Charge { get; init; }

    public string? Name { get; init; }
    public string? Period { get; init; }

    /// <summary>1 = the first block; absent where there is only one.</summary>
    public int? Tier { get; init; }

    public required decimal Quantity { get; init; }

    /// <summary>kWh, kW, kVA, kvar, kvarh, month, day, meter-month … or the currency, for percentages.</summary>
    public required string Unit { get; init; }

    /// <summary>Per unit.</summary>
    public required decimal Rate { get; init; }

    /// <summary>Positive = the customer pays. Rounded only under a policy of level line.</summary>
    public required decimal Amount { get; init; }

    /// <summary>The tariff version, where a cycle has more than one; a version without a name of its own is named by its days.</summary>
    public string? Version { get; init; }

    /// <summary>Starts of the windows that set the quantity.</summary>
    public ImmutableArray<Instant> PeakAt { get; init; } = [];

    /// <summary>Several prices under one line (real-time prices, daily demand).</summary>
    public ImmutableArray<LineTerm> Terms { get; init; } = [];

    /// <summary>Why the quantity is what it is, where that is not plain.</summary>
    public string? Note { get; init; }

    /// <summary>The line as a person would calculate it.</summary>
    public string Formula => Terms.IsEmpty
        ? $"{Quantity:0.############} {Unit} x {Rate:0.############} = {Amount:0.############}"
        : $"sum of {Terms.Length} products over {Quantity:0.############} {Unit} = {Amount:0.############}";

    /// <summary>The amount from quantity and rate alone, before rounding.</summary>
    public decimal Replayed() => RoundAmount(Terms.IsEmpty ? Quantity * Rate : Terms.Sum(t => t.Quantity * t.Rate));

    /// <summary>Amounts are kept to 18 digits after the point: shares of days that make a whole then sum to the whole, without a residue of division.</summary>
    internal static decimal RoundAmount(decimal amount) => decimal.Round(amount, 18, MidpointRounding.AwayFromZero);
}

/// <summary>One billing cycle of a bill.</summary>
public sealed record BillPeriod
{
    public required LocalDate From { get; init; }

    /// <summary>First day that is no longer in it.</summary>
    public required LocalDate Until { get; init; }

    /// <summary>The sum of the lines.</summary>
    public required decimal Total { get; init; }

    /// <summary>The total under the rounding policy's period or kind level; otherwise equal to <see cref="Total"/>.</summary>
    public required decimal RoundedTotal { get; init; }

    public required decimal ImportKwh { get; init; }
    public required decimal ExportKwh { get; init; }
    public required decimal PeakKw { get; init; }

    /// <summary>kW that scaled kWh/kW tiers; absent where the tariff has none.</summary>
    public decimal? BillingDemandKw { get; init; }

    /// <summary>Intervals are missing or estimated, or a price, a call or a tag of a coincident peak is missing: it will change.</summary>
    public bool Provisional { get; init; }

    public int MissingIntervals { get; init; }
    public int EstimatedIntervals { get; init; }
    public required ImmutableArray<LineItem> LineItems { get; init; } = [];
}

/// <summary>What one meter pays under one tariff, calculated exactly and explained.</summary>
public sealed record Bill
{
    public required string Currency { get; init; }
    public required string TariffId { get; init; }

    /// <summary>Content hash of each tariff version used, in order.</summary>
    public required ImmutableArray<string> TariffHashes { get; init; } = [];

    /// <summary>Content hash of the interval data.</summary>
    public string? DataHash { get; init; }

    public required ImmutableArray<BillPeriod> Months { get; init; } = [];

    /// <summary>Money left over for the next bill (export credits).</summary>
    public decimal CreditCarried { get; init; }

    /// <summary>kWh left over for the next bill, by energy period, or by <c>charge/period</c> where charges leave different ones.</summary>
    public ImmutableDictionary<string, decimal> KwhCarried { get; init; } = ImmutableDictionary<string, decimal>.Empty;

    /// <summary>Ids of the tariff's taxes, also of those that come to nothing and have no line.</summary>
    public ImmutableArray<string> Taxes { get; init; } = [];

    public required Rounding Rounding { get; init; }
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The exact sum of all lines.</summary>
    public required decimal Total { get; init; }

    /// <summary>What is paid: the total under the rounding policy.</summary>
    public required decimal Payable { get; init; }

    public bool Provisional => Months.Any(m => m.Provisional);

    public decimal Subtotal(LineKind kind) => Months.Sum(m => m.LineItems.Where(l => l.Kind == kind).Sum(l => l.Amount));

    /// <summary>What must be added to this bill to arrive at a later one over the same cycles: a credit if negative.</summary>
    public decimal DeltaTo(Bill later) => later.Payable - Payable;

    /// <summary>The total from the line items alone, under the bill's own rounding.</summary>
    public decimal Replay() => Months.Sum(m => m.LineItems.Sum(l =>
        Rounding.Level == RoundingLevel.Line ? Rounding.Round(l.Replayed(), Currency) : l.Replayed()));
}
