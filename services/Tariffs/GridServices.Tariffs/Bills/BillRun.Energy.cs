using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 1: energy.</summary>
internal sealed partial class BillRun
{
    private void Energy(int cycle)
    {
        var span = plan.Spans[cycle];
        totals.ImportKwh = data.Net.Kwh(ExactSum.Positive(data.Net.Values.Slice(span.From, span.Count), data.Net));
        totals.ExportKwh = Exported(span.From, span.From + span.Count);
        Span<Peak> best = stackalloc Peak[1];
        peaks.Find(plan.GetTable(0, schedule: null), span.From, span.From + span.Count, window: null, best);
        totals.PeakKw = best[0].Kw;
        Net(cycle);
        foreach (var segment in plan.GetSegments(cycle))
        {
            pricing = BilledBy(segment.Version);
            foreach (var charge in plan.Versions[segment.Version].Source.Energy)
            {
                Charge(segment, charge);
            }

            if (plan.Versions[segment.Version].Source.Energy.IsEmpty)
            {
                AddSaleLinesWithoutRates(segment, charge: null);
            }
        }

        pricing = null;
        NoteExport(cycle);
    }

    private readonly Dictionary<int, MeterData> netted = [];

    /// <summary>The energy that is being priced: what the meter recorded, netted where the version says so.</summary>
    private MeterData PricedData => pricing ?? data;

    private MeterData? pricing;

    private MeterData BilledBy(int version)
    {
        if (plan.Versions[version].Source.Export is not { Mode: ExportMode.NetBilling, NetWithinMinutes: { } minutes })
        {
            return data;
        }

        notes.Add(given.Net.StepSeconds > minutes * 60
            ? $"import and export are to be netted within {minutes} min, and the data are in steps of {given.Net.StepSeconds / 60} min: they are netted within these; finer intervals would tell more"
            : $"import and export are netted within each {minutes} min of the clock before they are priced; importKwh and exportKwh of the bill are the meter's");
        return netted.TryGetValue(minutes, out var known) ? known : netted[minutes] = NettedEnergy.Net(plan, data, minutes);
    }

    /// <summary>kWh imported in days of a version, as they are priced.</summary>
    private decimal PricedKwh(BillSegment part)
    {
        var series = BilledBy(part.Version).Net;
        return series.Kwh(ExactSum.Positive(series.Values.Slice(part.From, part.Until - part.From), series));
    }

    /// <summary>The note of lines for what a generator's own meter drew.</summary>
    internal const string GeneratorsDraw = "drawn by the generator";

    private static readonly ExportTerms NoExport = new() { Mode = ExportMode.None };

    private ExportTerms GetExportTerms(BillSegment segment) => plan.Versions[segment.Version].Source.Export ?? NoExport;

    private void Charge(BillSegment segment, EnergyCharge charge)
    {
        if (charge.Index is { } index)
        {
            Indexed(segment, charge, index);
        }

        if (charge.Rates.IsEmpty)
        {
            AddSaleLinesWithoutRates(segment, charge);
            return;
        }

        var sheet = new RateSheet(charge, Names(segment.Version, charge.Schedule), billingDemand?[segment.Cycle] ?? 0, segment);
        var terms = GetExportTerms(segment);
        if (terms.Mode == ExportMode.NetMetering && (data.Net.HasNegative || data.Export is not null || GetOrAddCredit(charge).Count > 0))
        {
            Netted(segment, sheet, terms);
            return;
        }

        var losses = charge.LossFactor ?? 1;
        AddEnergyLines(segment, sheet, FillTiers(segment, sheet, Import, losses: losses), LossNote(charge));
        if (terms.Mode == ExportMode.NetBilling && totals.ExportKwh > 0)
        {
            AddSaleLines(segment, sheet, terms, FillTiers(segment, sheet, Export));
        }

        if (terms.Mode == ExportMode.BuyAllSellAll && data.Generation is { } generation)
        {
            AddSaleLines(segment, sheet, terms, FillTiers(segment, sheet, Generated, generation));
            AddEnergyLines(segment, sheet, FillTiers(segment, sheet, (from, count) => Negative(generation, from, count), generation, losses), note: GeneratorsDraw);
        }
    }

    private static string? LossNote(EnergyCharge charge) => charge.LossFactor is { } factor ? $"metered kWh x {factor:0.######} of losses" : null;

    private Int128 Import(int from, int count) => ExactSum.Positive(PricedData.Net.Values.Slice(from, count), PricedData.Net);

    private Int128 Export(int from, int count) => PricedData.Export is { } register
        ? ExactSum.All(register.Values.Slice(from, count), register.MaxAbs)
        : Negative(PricedData.Net, from, count);

    private static Int128 Negative(IntervalSeries series, int from, int count)
    {
        if (!series.HasNegative)
        {
            return 0;
        }

        var values = series.Values.Slice(from, count);
        return ExactSum.Positive(values, series) - ExactSum.All(values, series.MaxAbs);
    }

    private decimal Exported(int from, int until) => (PricedData.Export ?? PricedData.Net).Kwh(Export(from, until - from));

    /// <summary>The segment's energy in its tiers.</summary>
    private IEnumerable<TierShare> FillTiers(BillSegment segment, RateSheet sheet, Func<int, int, Int128> sum, IntervalSeries? series = null, decimal losses = 1)
    {
        var source = series ?? (sum == Export && PricedData.Export is not null ? PricedData.Export : PricedData.Net);
        var runs = plan.GetTable(segment.Version, sheet.Charge.Schedule).Between(segment.From, segment.Until);
        var filling = new TierFilling(sheet.Blocks);
        var fill = sheet.Charge.Fill ?? options.EnergyTierFill;
        if (sheet.IsTiered && fill == TierFill.Chronological && sheet.Charge.Scope == TierScope.Charge)
        {
            foreach (var run in runs)
            {
                filling.Fill(run.Period, source.Kwh(sum(run.Start, run.Length)) * losses);
            }

            return filling.Shares();
        }

        Span<Int128> units = stackalloc Int128[sheet.Names.Length];
        units.Clear();
        foreach (var run in runs)
        {
            units[run.Period] += sum(run.Start, run.Length);
        }

        Span<decimal> kwh = stackalloc decimal[units.Length];
        for (var p = 0; p < units.Length; p++)
        {
            kwh[p] = source.Kwh(units[p]) * losses;
        }

        FillShares(filling, sheet, fill, kwh);
        return filling.Shares();
    }

    private static void FillShares(TierFilling filling, RateSheet sheet, TierFill fill, ReadOnlySpan<decimal> kwh)
    {
        if (sheet.IsTiered && fill == TierFill.Prorated && sheet.Charge.Scope == TierScope.Charge)
        {
            filling.Prorate(kwh);
            return;
        }

        for (var p = 0; p < kwh.Length; p++)
        {
            filling.FillAlone(p, kwh[p]);
        }
    }

    private void AddEnergyLines(BillSegment segment, RateSheet sheet, IEnumerable<TierShare> shares, string? note)
    {
        foreach (var share in shares)
        {
            var tiers = sheet.GetTiers(share.Period);
            Line(LineKind.Energy, sheet.Charge.Id, sheet.Charge.Name, share.Kwh, "kWh", tiers[share.Tier].Price + tiers[share.Tier].Adjustment, new LineDetail(
                sheet.Names[share.Period], tiers.Length > 1 ? share.Tier + 1 : null, FindVersionName(segment), Note: note));
        }
    }

    /// <summary>Every interval at its own price; one term per distinct price.</summary>
    private void Indexed(BillSegment segment, EnergyCharge charge, IndexPrice index)
    {
        var prices = GetPrices(index);
        var bought = Grouped(prices, segment, Import, PricedData.Net);
        Priced(LineKind.Energy, segment, charge, [.. bought.Select(p => new LineTerm(p.Value * (charge.LossFactor ?? 1), p.Key))]);
        var mode = GetExportTerms(segment).Mode;
        if (mode == ExportMode.NetMetering)
        {
            throw new BillRefusedException($"the charge '{charge.Id}' prices every interval, which net metering over a period contradicts; use net billing");
        }

        if (mode == ExportMode.BuyAllSellAll && data.Generation is { } generation)
        {
            var drawn = Grouped(prices, segment, (from, count) => Negative(generation, from, count), generation);
            Priced(LineKind.Energy, segment, charge, [.. drawn.Select(p => new LineTerm(p.Value * (charge.LossFactor ?? 1), p.Key))], GeneratorsDraw);
        }

        if (index.SellShare is { } share && FindSoldEnergy(mode) is { } sold)
        {
            Priced(LineKind.Export, segment, charge, [.. Grouped(prices, segment, sold.Sum, sold.Series).Select(p => new LineTerm(p.Value, -p.Key * share))]);
        }
    }

    private void Priced(LineKind kind, BillSegment segment, EnergyCharge charge, ImmutableArray<LineTerm> terms, string? note = null)
    {
        var kwh = terms.Sum(t => t.Quantity);
        if (kwh != 0)
        {
            Line(kind, charge.Id, charge.Name, kwh, "kWh", terms.Sum(t => t.Quantity * t.Rate) / kwh, new LineDetail(
                Version: FindVersionName(segment), Terms: terms, Note: JoinReasons(
                    [$"{terms.Length} distinct prices of '{charge.Index!.Series}'; the rate is their mean", kind == LineKind.Energy ? LossNote(charge) : null, note])));
            totals.Earned -= kind == LineKind.Export && GetExportTerms(segment).Credit == ExportCredit.Money ? lines[^1].Amount : 0;
        }
    }

    private SortedDictionary<decimal, decimal> Grouped(decimal?[] prices, BillSegment segment, Func<int, int, Int128> sum, IntervalSeries series)
    {
        var units = new Dictionary<decimal, Int128>();
        for (var i = segment.From; i < segment.Until; i++)
        {
            var value = sum(i, 1);
            if (value == 0)
            {
                continue;
            }

            if (prices[i] is not { } price)
            {
                totals.Unpriced = true;
                notes.Add("some intervals have no price in the price series; their energy is not on the bill yet");
                continue;
            }

            units[price] = units.GetValueOrDefault(price) + value;
        }

        return new SortedDictionary<decimal, decimal>(units.ToDictionary(u => u.Key, u => series.Kwh(u.Value)));
    }

    private readonly Dictionary<IndexPrice, decimal?[]> priceGrids = [];

    private decimal?[] GetPrices(IndexPrice index) =>
        priceGrids.TryGetValue(index, out var known) ? known : priceGrids[index] = ComputePrices(index, options, plan);

    /// <summary>The price of each interval under an index; null where it is not known.</summary>
    internal static decimal?[] ComputePrices(IndexPrice index, BillOptions options, BillPlan plan)
    {
        var curve = options.Prices.FirstOrDefault(p => string.Equals(p.Series, index.Series, StringComparison.Ordinal))
            ?? throw new BillRefusedException($"the tariff prices energy by the series '{index.Series}', which was not given; add it to prices");
        var grid = PriceGrid.Sample(curve, plan.Grid);
        for (var i = 0; i < grid.Length; i++)
        {
            grid[i] = grid[i] is { } price ? Retail(index, price) : null;
        }

        return grid;
    }

    internal static decimal Retail(IndexPrice index, decimal price)
    {
        var retail = price * index.Multiplier + index.Adder;
        retail = index.Floor is { } floor ? Math.Max(retail, floor) : retail;
        return index.Cap is { } cap ? Math.Min(retail, cap) : retail;
    }

    /// <summary>An energy charge with its tiers in kWh of one segment.</summary>
    private sealed class RateSheet
    {
        private readonly EnergyRate?[] rates;

        public RateSheet(EnergyCharge charge, ImmutableArray<string> names, decimal kw, BillSegment segment)
        {
            Charge = charge;
            Names = names;
            rates = new EnergyRate?[names.Length];
            Blocks = new ImmutableArray<Block>[names.Length];
            for (var p = 0; p < rates.Length; p++)
            {
                foreach (var rate in charge.Rates)
                {
                    if (string.Equals(rate.Period, names[p], StringComparison.Ordinal))
                    {
                        rates[p] = rate;
                        Blocks[p] = TierBlocks.Split(rate.Tiers, kw, segment);
                        IsTiered |= Blocks[p].Length > 1;
                    }
                }
            }
        }

        public EnergyCharge Charge { get; }

        public ImmutableArray<string> Names { get; }

        public ImmutableArray<Block>[] Blocks { get; }

        public bool IsTiered { get; }

        public ImmutableArray<EnergyTier> GetTiers(int period) => rates[period]!.Tiers;
    }
}
