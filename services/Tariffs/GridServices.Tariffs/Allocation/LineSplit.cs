using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Allocation;

/// <summary>
/// Splits the lines of one billing cycle by what each was charged for: the hours of its period, the windows of its demand, its days, its called events, its prices, the lines
/// that a rider or tax is a percentage of. Export and what no user has load for are the site's.
/// </summary>
internal sealed class LineSplit(BillPlan plan, SharedLoad load, MeterData data, BillOptions options, Rounding rounding, DemandAllocationMethod method, int cycle)
{
    private readonly List<(LineItem Line, decimal[] Parts)> done = [];
    private readonly Dictionary<(int Version, string? Schedule, DemandWindow? Window, string? Period), List<WindowSpan>> windows = [];

    /// <summary>Likely error of each part by sampled Shapley shares, in money (95 %).</summary>
    public decimal[] Errors { get; } = new decimal[load.Count];

    /// <summary>What the line last split was shared by.</summary>
    public LineBasis Basis { get; private set; } = LineBasis.For(SharingRule.Site);

    /// <summary>Parts of the line by user and, last, the site; they sum to its amount. Lines come in the bill's order.</summary>
    public decimal[] Split(LineItem line)
    {
        Basis = LineBasis.For(SharingRule.Site);
        var segments = plan.GetSegments(cycle).Where(s => line.Version is null || plan.VersionNames[s.Version] == line.Version).ToArray();
        var parts = Shares.Fitted(line.Amount, line.Kind switch
        {
            _ when segments.SelectMany(s => Tariff(s).Maximums).FirstOrDefault(m => m.Id == line.Charge) is { } maximum => SplitMaximum(line, maximum),
            _ when segments.SelectMany(s => Tariff(s).Riders).FirstOrDefault(r => r.Id == line.Charge) is { } rider => SplitRider(line, rider, segments),
            LineKind.Energy => Energy(line, segments),
            LineKind.Demand => SplitDemand(line, segments),
            LineKind.Tax or LineKind.Adjustment => SplitByBase(line, segments),
            LineKind.Export => Sites(line.Amount),
            _ => ByEnergy(line.Amount, segments.Select(s => new IndexRange(s.From, s.Until - s.From))),
        });
        done.Add((line, parts));
        return parts;
    }

    private decimal[] Sites(decimal amount)
    {
        var parts = new decimal[load.Count];
        parts[^1] = amount;
        return parts;
    }

    /// <summary>By weight; without any load there is nobody but the site to pay.</summary>
    private decimal[] Weighted(decimal amount, decimal[] weights) => weights.Sum() == 0 ? Sites(amount) : Shares.Split(amount, weights);

    private decimal[] ByEnergy(decimal amount, IEnumerable<IndexRange> hours) => Weighted(amount, Used(hours, SharingRule.CycleEnergy));

    /// <summary>kWh that each drew through the site's meter: nothing where the site exports meanwhile. Where the site drew nothing at all, what each used.</summary>
    private decimal[] Used(IEnumerable<IndexRange> hours, SharingRule rule)
    {
        IndexRange[] ranges = [.. hours];
        Basis = Basis.With(rule, ranges);
        return load.Drawn(ranges) is var drawn && drawn.Sum() > 0 ? drawn : load.Kwh(ranges);
    }

    private decimal[] Drawn(IEnumerable<IndexRange> hours)
    {
        IndexRange[] ranges = [.. hours];
        Basis = Basis.With(SharingRule.Energy, ranges);
        return load.Drawn(ranges);
    }

    private decimal[] Energy(LineItem line, BillSegment[] segments)
    {
        var charges = segments.Select(s => (Segment: s, Charge: Tariff(s).Energy.FirstOrDefault(e => e.Id == line.Charge))).Where(c => c.Charge is not null).ToArray();
        if (line.Note?.EndsWith(BillRun.GeneratorsDraw, StringComparison.Ordinal) == true)
        {
            return Sites(line.Amount);
        }

        if (!line.Terms.IsEmpty && charges.FirstOrDefault(c => c.Charge!.Index is not null).Charge is { Index: { } index } indexed)
        {
            return ByPrice(index, indexed.LossFactor ?? 1, segments);
        }

        if (segments.Any(s => Tariff(s).HoursOfUse.Any(h => h.Id == line.Charge)))
        {
            return Weighted(line.Amount, Drawn(segments.Select(s => new IndexRange(s.From, s.Until - s.From))));
        }

        return Weighted(line.Amount, Drawn(charges.SelectMany(c => load.Hours(c.Segment.Version, c.Charge!.Schedule, line.Period, c.Segment.From, c.Segment.Until))));
    }

    /// <summary>What a maximum takes off is taken off in proportion to the lines that it lowers.</summary>
    private decimal[] SplitMaximum(LineItem line, MaximumCharge maximum)
    {
        var parts = Sum(done.Where(d => d.Line.Version == line.Version && d.Line.Kind == line.Kind && BillRun.IsCapped(maximum, d.Line)), _ => 1);
        return parts.Sum() is not 0 and var whole ? [.. parts.Select(p => line.Amount * p / whole)] : Sites(line.Amount);
    }

    /// <summary>Per kWh by what each drew on the rider's days, per kW by what each pays of the demand that it is on, else by the kWh of its days.</summary>
    private decimal[] SplitRider(LineItem line, Rider rider, BillSegment[] segments)
    {
        if (rider.Per == RiderPer.Kw)
        {
            var demand = Sum(done.Where(d => d.Line.Version == line.Version && rider.Of.Contains(d.Line.Charge)), _ => 1);
            return demand.Sum() > 0 ? Weighted(line.Amount, [.. demand.Select(d => Math.Max(0, d))]) : SplitBilledKw(line, rider, segments);
        }

        IndexRange[] days = [.. segments.Select(s => BillRun.ClipSegment(plan, s, rider)).OfType<BillSegment>().Select(s => new IndexRange(s.From, s.Until - s.From))];
        return ByEnergy(line.Amount, days);
    }

    /// <summary>Where the demand itself costs nothing (grace cycles), by its windows as if it did.</summary>
    private decimal[] SplitBilledKw(LineItem line, Rider rider, BillSegment[] segments)
    {
        var demand = Tariff(segments[0]).Demand.First(d => rider.Of.Contains(d.Id));
        return ByWindow(line, segments[0].Version, demand.Schedule, demand.Window, demand.Rates.Length == 1 ? demand.Rates[0].Period : null);
    }

    private decimal[] Sum(IEnumerable<(LineItem Line, decimal[] Parts)> lines, Func<LineItem, decimal> factor)
    {
        var sum = new decimal[load.Count];
        foreach (var (line, parts) in lines)
        {
            var times = factor(line);
            Basis = times == 0 ? Basis : Basis.With(line);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += parts[i] * times;
            }
        }

        return sum;
    }

    /// <summary>Every interval at its own price, with its losses: spread afterwards they would fall wrongly where some prices are below 0.</summary>
    private decimal[] ByPrice(IndexPrice index, decimal losses, BillSegment[] segments)
    {
        var amounts = new decimal[data.Net.Count];
        var prices = BillRun.ComputePrices(index, options, plan);
        foreach (var i in segments.SelectMany(s => Enumerable.Range(s.From, s.Until - s.From)).Where(i => data.Net.Values[i] > 0 && prices[i] is not null))
        {
            amounts[i] = data.Net.Kwh(data.Net.Values[i]) * losses * prices[i]!.Value;
        }

        Basis = Basis.With(SharingRule.EnergyAtItsPrice, [.. segments.Select(s => new IndexRange(s.From, s.Until - s.From))]);
        return load.Spread(amounts);
    }

    private decimal[] SplitDemand(LineItem line, BillSegment[] segments)
    {
        foreach (var segment in segments)
        {
            var (tariff, version) = (Tariff(segment), segment.Version);
            if (tariff.Demand.FirstOrDefault(d => d.Id == line.Charge) is { } demand)
            {
                return demand.Coincident is { } coincident ? Called(line, coincident)
                    : demand.Assess == DemandAssessment.Daily ? ByDay(line, segments)
                    : ByWindow(line, version, demand.Schedule, demand.Window, line.Period);
            }

            if (tariff.Subscriptions.FirstOrDefault(s => s.Id == line.Charge) is { } subscription)
            {
                return ByWindow(line, version, schedule: null, subscription.Window, period: null);
            }

            if (tariff.ContractedPower.FirstOrDefault(c => c.Id == line.Charge) is { } contracted)
            {
                return contracted.Rule == ContractedPowerRule.SquareRootExcess && !line.PeakAt.IsEmpty
                    ? ByExceedance(line, segment, contracted)
                    : ByWindow(line, version, contracted.Schedule, contracted.Window, line.Period);
            }

            if (tariff.HoursOfUse.FirstOrDefault(h => h.Id == line.Charge) is { } pair)
            {
                return ByWindow(line, version, schedule: null, pair.Window, period: null);
            }

            if (tariff.Reactive.FirstOrDefault(r => r.Id == line.Charge) is { Rule: ReactiveRule.ExcessKvar } reactive)
            {
                return ByWindow(line, version, schedule: null, reactive.Window, period: null);
            }
        }

        return ByEnergy(line.Amount, segments.Select(s => new IndexRange(s.From, s.Until - s.From)));
    }

    /// <summary>A peak of the cycle is paid by those who have load in the windows of its period.</summary>
    private decimal[] ByWindow(LineItem line, int version, string? schedule, DemandWindow? window, string? period)
    {
        var span = plan.Spans[cycle];
        if (!windows.TryGetValue((version, schedule, window, period), out var own))
        {
            windows[(version, schedule, window, period)] = own = load.Windows(version, schedule, window, period, span.From, span.From + span.Count);
        }

        return Shared(line.Amount, own, line.PeakAt, () => load.Hours(version, schedule, period, span.From, span.From + span.Count));
    }

    /// <summary>Each window above the contracted kW counts by the square of its excess, and is paid by the load in it, whatever the method.</summary>
    private decimal[] ByExceedance(LineItem line, BillSegment segment, ContractedPower charge)
    {
        var time = charge.PricePerDay ? segment.Span.Days : ProratedMonths.Compute(plan, segment);
        var contracted = done.First(d => d.Line.Charge == line.Charge && d.Line.Period == line.Period && d.Line.Version == line.Version && d.Line.PeakAt.IsEmpty).Line.Quantity / time;
        var over = BillRun.Exceedances(plan, load.Site, charge, line.Period!, contracted, segment.Version, cycle, rounding);
        WindowSpan[] own = [.. over.Select(o => o.Window)];
        Basis = Basis.With(SharingRule.Exceedance, own);
        var kw = load.Kw(own);
        return Weighted(line.Amount, kw.Weighted(w => kw.Together[w] == 0 ? 0 : over[w].Kw * over[w].Kw / kw.Together[w]));
    }

    /// <summary>By the method on these windows; <paramref name="peakAt"/> = where the bill found the peak.</summary>
    private decimal[] Shared(decimal amount, List<WindowSpan> own, ImmutableArray<Instant> peakAt, Func<IEnumerable<IndexRange>> hours, int games = 1)
    {
        if (own.Count == 0)
        {
            return Sites(amount);
        }

        if (method == DemandAllocationMethod.EnergyShare && Used(hours(), SharingRule.Energy) is var used && used.Sum() > 0)
        {
            return Weighted(amount, used);
        }

        if (method == DemandAllocationMethod.CoincidentPeak && peakAt.Length > 0)
        {
            own = own.FindAll(w => w.From == peakAt[0].ToUnixTimeSeconds());
        }

        Basis = Basis.With(SharingRule.Method, own);
        return own.Count == 0 ? Sites(amount) : ByMethod(amount, load.Kw(own), games);
    }

    private decimal[] ByMethod(decimal amount, WindowLoads kw, int games)
    {
        var (weights, errorShare) = DemandAllocation.Weights(load.Ids, kw, method, games: games * plan.Cycles.Length * Charges);
        if (errorShare > 0 && weights.Sum() is > 0 and var sum)
        {
            var highest = kw.Highest();
            for (var i = 0; i < Errors.Length; i++)
            {
                Errors[i] += Math.Abs(amount) * errorShare * highest[i] / sum;
            }
        }

        return Weighted(amount, weights);
    }

    /// <summary>Demand assessed daily: each day's amount by that day's windows.</summary>
    private decimal[] ByDay(LineItem line, BillSegment[] segments)
    {
        var parts = new decimal[load.Count];
        foreach (var segment in segments)
        {
            var demand = Tariff(segment).Demand.Single(d => d.Id == line.Charge);
            for (var day = segment.Span.From; day < segment.Span.Until; day = day.PlusDays(1))
            {
                var (version, from, until) = (segment.Version, plan.At(day), plan.At(day.PlusDays(1)));
                var own = load.Windows(version, demand.Schedule, demand.Window, line.Period, from, until);
                var (amount, peak) = PriceDay(demand, demand.Rates.Single(r => r.Period == line.Period), own);
                var shared = amount == 0 ? parts : Shared(amount, own, peak, () => load.Hours(version, demand.Schedule, line.Period, from, until), segment.CycleDays);
                parts = amount == 0 ? parts : [.. parts.Zip(shared, (a, b) => a + b)];
            }
        }

        return parts;
    }

    private (decimal Amount, ImmutableArray<Instant> PeakAt) PriceDay(DemandCharge demand, DemandRate rate, List<WindowSpan> own)
    {
        var peak = Peak.None;
        foreach (var window in own)
        {
            peak = load.Site.Kw(window) is var mean && mean > peak.Kw ? Peak.At(mean, window.From) : peak;
        }

        var kw = rounding.RoundKw(peak.IsFound ? Math.Max(peak.Kw * (demand.LossFactor ?? 1), demand.MinimumKw ?? 0) : 0);
        return (BillRun.ComputeTerms(rate, kw).Sum(t => t.Quantity * t.Rate), peak.IsFound ? [Instant.FromUnixTimeSeconds(peak.From)] : []);
    }

    /// <summary>By load in the called events that are on the line; tags of an earlier year are the site's, for nobody's load of that year is known here.</summary>
    private decimal[] Called(LineItem line, CoincidentPeak rule)
    {
        List<WindowSpan> calls = [.. CalledPeaks.Find(plan, rule.Event, cycle).Where(c => line.PeakAt.Contains(Instant.FromUnixTimeSeconds(c.From)))];
        if (calls.Count == 0)
        {
            return Sites(line.Amount);
        }

        if (rule.Combine == PeakCombination.Max && method == DemandAllocationMethod.CoincidentPeak)
        {
            // The call that the bill found highest, also where the users' meters together say otherwise.
            calls = [calls.MaxBy(c => load.Site.Known(c).Kw)];
        }

        var kw = load.Kw(calls);
        Basis = Basis.With(SharingRule.Calls, calls);
        if (rule.Combine == PeakCombination.Max)
        {
            return method == DemandAllocationMethod.EnergyShare
                ? Weighted(line.Amount, kw.Weighted(c => calls[c].Seconds))
                : ByMethod(line.Amount, kw, games: 1);
        }

        // Each call counts by its own kW, so each is a game of its own and in all methods the load in it is what is paid for.
        decimal[] billed = [.. calls.Select(c => load.Site.Known(c).Kw)];
        var parts = new decimal[load.Count];
        for (var c = 0; c < calls.Count && billed.Sum() > 0; c++)
        {
            var shares = Weighted(line.Amount * billed[c] / billed.Sum(), kw.At(c));
            parts = [.. parts.Zip(shares, (a, b) => a + b)];
        }

        return parts;
    }

    /// <summary>A percentage is paid by those who pay what it is a percentage of.</summary>
    private decimal[] SplitByBase(LineItem line, BillSegment[] segments)
    {
        var adjustment = segments.SelectMany(s => Tariff(s).Adjustments).FirstOrDefault(a => a.Id == line.Charge);
        if (adjustment is null)
        {
            return Sites(line.Amount);
        }

        var taxes = segments.Select(s => TaxBase.Create(adjustment, plan, s, data.Net.Kwh(ExactSum.Positive(data.Net.Values.Slice(s.From, s.Until - s.From), data.Net)))).ToArray();
        var isLast = line.Version is not null && line.Version == plan.VersionNames[plan.GetSegments(cycle).Last().Version];
        var parts = Sum(done.Where(d => line.Version is null || d.Line.Version == line.Version || (isLast && d.Line.Version is null)), l => taxes[0].Share(l) * line.Rate);
        return parts.All(p => p == 0) ? Sites(line.Amount) : parts;
    }

    private int Charges => plan.Versions.Max(v => v.Source.Demand.Length + v.Source.Subscriptions.Length + v.Source.ContractedPower.Length + v.Source.Reactive.Length + v.Source.HoursOfUse.Length);

    private Tariff Tariff(BillSegment segment) => plan.Versions[segment.Version].Source;
}
