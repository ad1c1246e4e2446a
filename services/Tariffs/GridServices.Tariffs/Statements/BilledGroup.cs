using System.Collections.Immutable;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Statements;

/// <summary>Lines of our bill that one line of a statement stands for.</summary>
internal sealed record BilledGroup(ImmutableArray<LineItem> Items)
{
    public LineItem First => Items[0];
    public decimal Amount { get; } = Items.Sum(i => i.Amount);

    /// <summary>Null where the lines count different things.</summary>
    public decimal? Quantity { get; } = Items.Select(i => i.Unit).Distinct().Count() == 1 ? Items.Sum(i => i.Quantity) : null;

    public string? Unit { get; } = Items.Select(i => i.Unit).Distinct().Count() == 1 ? Items[0].Unit : null;

    /// <summary>Null where there are several.</summary>
    public decimal? Rate { get; } = Items.Select(i => i.Rate).Distinct().Count() == 1 && Items.All(i => i.Terms.IsEmpty) ? Items[0].Rate : null;

    public bool IsPercentage => First.Kind is LineKind.Tax or LineKind.Adjustment && Rate is > 0 and < 1 && Unit is { Length: 3 } currency && Currencies.IsCode(currency);

    /// <summary>What a line of a statement means by charge, period, tier and version, as far as it names them.</summary>
    public static bool Means(LineItem ours, StatementLine theirs) =>
        string.Equals(ours.Charge, theirs.Charge, StringComparison.Ordinal)
        && (theirs.Period is null || theirs.Period == ours.Period) && (theirs.Tier is null || theirs.Tier == (ours.Tier ?? 1)) && (theirs.Version is null || theirs.Version == ours.Version);

    /// <summary>The same lines of another bill of the same tariff.</summary>
    public BilledGroup? In(Bill other)
    {
        var keys = Items.Select(Key).ToHashSet();
        ImmutableArray<LineItem> same = [.. other.Months.SelectMany(m => m.LineItems).Where(i => keys.Contains(Key(i)))];
        return same.IsEmpty ? null : new BilledGroup(same);
    }

    internal static (LineKind, string, string?, int?, string?) Key(LineItem item) => (item.Kind, item.Charge, item.Period, item.Tier, item.Version);
}
