using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// Bills, exactly. Pure: the same tariff, calendar, intervals, account and options give the same bill.
/// <code>
///   0 peaks of every cycle (ratchets look back, and at year-settled ones also ahead)
///   for each cycle:
///     1 energy      kWh per period, poured into tiers, at their prices
///     2 demand      highest windows per period, ratcheted, tiered; subscriptions, contracted and reactive power; price pairs by hours of use
///     3 fixed       and what lines cost at most
///     4 export      sold, netted, credited, carried
///     5 minimum     of 1-4
///     6 true-up     of credits, after the minimum
///     7 riders by kWh, kW or bill; then percentages, in the tariff's order
/// </code>
/// Quantities are whole-number sums; money is decimal; nothing is rounded except by <see cref="Rounding"/>.
/// </summary>
public static class BillCalculator
{
    /// <summary>Bills calendar months of the series' own range.</summary>
    public static Bill Calculate(CompiledTariff tariff, MeterData data, IReadOnlyList<BillingCycle> cycles, Account? account = null, BillOptions? options = null) =>
        Calculate(BillPlan.Create([tariff], cycles, data.Net), data, account, options);

    /// <summary>Bills a meter along a plan that was made for its interval grid.</summary>
    /// <exception cref="BillRefusedException">The data do not fit the plan or lack what the tariff asks for.</exception>
    public static Bill Calculate(BillPlan plan, MeterData data, Account? account = null, BillOptions? options = null)
    {
        Check(plan, data);
        try
        {
            return new BillRun(plan, plan.Refined(data), data, account ?? Account.Plain, options ?? BillOptions.Default).Bill();
        }
        catch (OverflowException e)
        {
            throw new BillRefusedException("a quantity, price or amount is beyond 28 digits; check the units of the tariff and of the data", e);
        }
    }

    private static void Check(BillPlan plan, MeterData data)
    {
        foreach (var series in new[] { data.Net, data.Export, data.Generation, data.Reactive }.OfType<IntervalSeries>())
        {
            if (new Grid(series.Start.ToUnixTimeSeconds(), series.StepSeconds, series.Count) != plan.Given)
            {
                throw new BillRefusedException("the series do not all have the start, step and count that the plan was made for; resample them or make a plan of their own");
            }
        }

        if (data.Export is { HasNegative: true })
        {
            throw new BillRefusedException("an export register has negative values; give a net series instead (export negative) or fix the sign");
        }

        if (data.Export is not null && data.Net.HasNegative)
        {
            throw new BillRefusedException("with a separate export register the import register must not be negative; give either one net series or two registers");
        }
    }
}

/// <summary>One calculation under way: what the cycles so far have left behind.</summary>
/// <param name="plan">The plan.</param>
/// <param name="data">What the meter recorded, in the plan's intervals.</param>
/// <param name="given">The same in the meter's own.</param>
/// <param name="account">What the customer has agreed.</param>
/// <param name="options">How to bill.</param>
internal sealed partial class BillRun(BillPlan plan, MeterData data, MeterData given, Account account, BillOptions options)
{
    private readonly Rounding rounding = options.Rounding ?? plan.Versions[plan.Segments[^1].Version].Source.Rounding ?? Rounding.Invoice;
    private readonly SortedSet<string> notes = new(StringComparer.Ordinal);
    private readonly PeakFinder peaks = new(plan, data.Net);
    private readonly string currency = plan.Versions[0].Source.Currency;
    private readonly List<LineItem> lines = [];
    private CycleTotals totals = new();

    public Bill Bill()
    {
        CheckTags();
        FindPeaks();
        OpenCredits();
        var periods = Enumerable.Range(0, plan.Cycles.Length).Select(Cycle).ToImmutableArray();

        NoteData();
        NoteTags();
        NoteHistory();
        var total = periods.Sum(p => p.Total);
        return new Bill
        {
            Currency = currency,
            TariffId = plan.Versions[0].Source.Id,
            TariffHashes = [.. plan.Versions.Select(v => v.Hash)],
            DataHash = options.HashData ? DataHash() : null,
            Months = periods,
            CreditCarried = moneyCredit,
            KwhCarried = KwhLeft(),
            Taxes = [.. Held.SelectMany(v => v.Source.Adjustments).Where(a => a.Kind == AdjustmentKind.Tax).Select(a => a.Id).Distinct(StringComparer.Ordinal)],
            Rounding = rounding,
            Notes = [.. Held.SelectMany(v => v.Source.Notes).Distinct(StringComparer.Ordinal), .. notes],
            Total = total,
            Payable = rounding.Payable(rounding.Level == RoundingLevel.Bill ? total : periods.Sum(p => p.RoundedTotal), currency),
        };
    }

    /// <summary>The versions that hold on a day of the bill; a plan may know earlier and later ones.</summary>
    private IEnumerable<CompiledTariff> Held => plan.Segments.Select(s => s.Version).Distinct().Select(v => plan.Versions[v]);

    private BillPeriod Cycle(int cycle)
    {
        lines.Clear();
        totals = new CycleTotals();
        billedKw.Clear();
        Energy(cycle);
        ChargeDemand(cycle);
        OtherCapacity(cycle);
        HoursOfUse(cycle);
        Fixed(cycle);
        Maximums(cycle);
        ApplyCredits(cycle);
        Minimums(cycle);
        TrueUp(cycle);
        Riders(cycle);
        Adjustments(cycle);
        return Close(cycle);
    }

    private BillPeriod Close(int cycle)
    {
        var series = new[] { data.Net, data.Export, data.Generation, NeedsKvar(cycle) ? data.Reactive : null }.OfType<IntervalSeries>().ToArray();
        var (missing, estimated) = (series.Max(s => Overlap(s.Missing, cycle)), series.Max(s => Overlap(s.Estimated, cycle)));
        missing += Math.Max(0, plan.Expected(cycle) - plan.Spans[cycle].Count);
        (missing, estimated) = (CountMeterIntervals(missing), CountMeterIntervals(estimated));
        var total = 0m;
        foreach (var line in lines)
        {
            total += line.Amount;
        }

        return new BillPeriod
        {
            From = plan.Cycles[cycle].From,
            Until = plan.Cycles[cycle].Until,
            Total = total,
            RoundedTotal = rounding.Level switch
            {
                RoundingLevel.Kind => lines.GroupBy(l => (l.Kind, l.Kind is LineKind.Tax ? l.Rate : 0)).Sum(g => rounding.Round(g.Sum(l => l.Amount), currency)),
                RoundingLevel.Period => rounding.Round(total, currency),
                _ => total,
            },
            ImportKwh = totals.ImportKwh,
            ExportKwh = totals.ExportKwh,
            PeakKw = totals.PeakKw,
            BillingDemandKw = billingDemand is null ? null : billingDemand[cycle],
            Provisional = missing > 0 || estimated > 0 || totals.Unpriced || creditsDoubtful,
            MissingIntervals = missing,
            EstimatedIntervals = estimated,
            LineItems = [.. lines],
        };
    }

    /// <summary>Whether a charge of the cycle goes by kvar; where none does, it is all the same whether they were measured.</summary>
    private bool NeedsKvar(int cycle) => plan.GetSegments(cycle).Select(s => plan.Versions[s.Version].Source).Any(t => !t.Reactive.IsEmpty
        || t.Demand.Any(d => d.Basis == DemandBasis.Kva || d.PowerFactorLimit is not null) || t.ContractedPower.Any(c => c.Basis == DemandBasis.Kva));

    private void Line(LineKind kind, string charge, string? name, decimal quantity, string unit, decimal rate, LineDetail detail = default)
    {
        // Of several prices the quantity is that of the terms, which are priced as they were measured.
        quantity = unit == "kWh" && detail.Terms.IsDefaultOrEmpty ? rounding.RoundKwh(quantity) : quantity;
        var amount = LineItem.RoundAmount(detail.Terms.IsDefaultOrEmpty ? quantity * rate : detail.Terms.Sum(t => t.Quantity * t.Rate));
        lines.Add(new LineItem
        {
            Kind = kind,
            Charge = charge,
            Name = name,
            Period = detail.Period,
            Tier = detail.Tier,
            Quantity = quantity,
            Unit = unit,
            Rate = rate,
            Amount = rounding.Level == RoundingLevel.Line ? rounding.Round(amount, currency) : amount,
            Version = detail.Version,
            PeakAt = detail.PeakAt.IsDefault ? [] : detail.PeakAt,
            Terms = detail.Terms.IsDefault ? [] : detail.Terms,
            Note = detail.Note,
        });
    }

    /// <summary>How many of the meter's intervals so many billed ones are parts of.</summary>
    private int CountMeterIntervals(int intervals) => (intervals + plan.Parts - 1) / plan.Parts;

    /// <summary>The version's name where the cycle has several.</summary>
    private string? FindVersionName(BillSegment segment) => segment.IsWhole ? null : plan.VersionNames[segment.Version];

    private int Overlap(ImmutableArray<IndexRange> ranges, int cycle)
    {
        var span = plan.Spans[cycle];
        return ranges.Sum(r => Math.Max(0, Math.Min(r.From + r.Count, span.From + span.Count) - Math.Max(r.From, span.From)));
    }

    private void NoteData()
    {
        var only = plan.Versions[0].Source;
        if (plan.Versions.Length == 1 && (only.EffectiveFrom > plan.Cycles[0].From || only.EffectiveUntil < plan.Cycles[^1].Until))
        {
            notes.Add($"the tariff holds from {only.EffectiveFrom?.ToString("uuuu-MM-dd", null) ?? "ever"} until {only.EffectiveUntil?.ToString("uuuu-MM-dd", null) ?? "further notice"}; the bill applies it outside that time");
        }

        if (!given.Net.IsExact)
        {
            notes.Add($"interval values have more digits than {given.Net.Scale}; they were rounded to {given.Net.Scale} digits (half to even)");
        }

        if (plan.CutAt is { } cut)
        {
            notes.Add($"intervals of {given.Net.StepSeconds / 60m:0.##} min are cut where a period, a called event or a billing day begins or ends (first at {cut}): their energy was split by time, and their mean power counts on both sides; finer intervals would tell the parts");
        }
    }

    private string DataHash()
    {
        var parts = new[] { given.Net, given.Export, given.Generation, given.Reactive }.OfType<IntervalSeries>().Select(s => s.Hash).ToArray();
        return parts.Length == 1 ? parts[0] : string.Join('+', parts);
    }

    private Instant GetStart(int index) => data.Net.GetStart(index);

    /// <summary>What a cycle's steps tell each other.</summary>
    private sealed class CycleTotals
    {
        public decimal ImportKwh { get; set; }

        public decimal ExportKwh { get; set; }

        public decimal PeakKw { get; set; }

        /// <summary>Money earned by export in this cycle that becomes credit.</summary>
        public decimal Earned { get; set; }

        /// <summary>A price, a call or a tag is not known yet.</summary>
        public bool Unpriced { get; set; }
    }
}

/// <summary>What a line has beside quantity and rate.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct LineDetail(
    string? Period = null,
    int? Tier = null,
    string? Version = null,
    ImmutableArray<Instant> PeakAt = default,
    ImmutableArray<LineTerm> Terms = default,
    string? Note = null);
