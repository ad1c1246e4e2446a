using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 2: demand charges.</summary>
internal sealed partial class BillRun
{
    private void ChargeDemand(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            foreach (var charge in plan.Versions[segment.Version].Source.Demand)
            {
                switch (charge)
                {
                    case { Coincident: { } coincident }:
                        Coincident(segment, charge, coincident);
                        break;
                    case { Assess: DemandAssessment.Daily }:
                        Daily(segment, charge);
                        break;
                    default:
                        Peaks(segment, charge);
                        break;
                }
            }
        }
    }

    private void Peaks(BillSegment segment, DemandCharge charge)
    {
        // A version that holds for part of a cycle prices the whole cycle's peak, for its share of days.
        var own = found[(charge.Id, segment.Version, segment.Cycle)];
        var present = Present(segment, charge.Schedule);
        var (share, reason) = ComputeShare(segment, charge, own.Values.Select(p => p.Kw).DefaultIfEmpty(0).Max());
        share *= Source(segment).Proration is { Demand: true } proration ? ProratedMonths.Compute(plan.Cycles[segment.Cycle], proration) : 1;
        foreach (var rate in charge.Rates)
        {
            if (!present.Contains(rate.Period))
            {
                continue;
            }

            var peak = own.GetValueOrDefault(rate.Period, Peak.None);
            var (kw, note) = Billed(charge, rate.Period, peak.Kw, segment.Cycle);
            var (season, days) = SeasonShare(segment, charge, rate.Period);
            billedKw[(charge.Id, segment.Version)] = billedKw.GetValueOrDefault((charge.Id, segment.Version)) + (season == 1 ? kw : kw * season);
            if (season > 0)
            {
                Tiers(segment, charge, rate, kw, new LineDetail(rate.Period, null, FindVersionName(segment), Starts(peak), Note: JoinReasons([note, reason, days])),
                    season == 1 ? share : share * season);
            }
        }
    }

    private Tariff Source(BillSegment segment) => plan.Versions[segment.Version].Source;

    private HashSet<string> Present(BillSegment segment, string? schedule)
    {
        var (names, span) = (Names(segment.Version, schedule), plan.Spans[segment.Cycle]);
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in plan.GetTable(segment.Version, schedule).Between(span.From, span.From + span.Count))
        {
            if (run.Period >= 0 && present.Add(names[run.Period]) && present.Count == names.Length)
            {
                break;
            }
        }

        return present;
    }

    private (decimal Kw, string? Note) Billed(DemandCharge charge, string period, decimal own, int cycle)
    {
        var billed = (Kw: own, Note: (string?)null);
        if (charge.Mean is { } mean)
        {
            billed = Mean(mean, charge.Id, period, cycle);
        }

        if (charge.Ratchet is { } ratchet)
        {
            billed = Ratcheted(ratchet, charge.Id, [period], billed.Kw, cycle);
        }

        if (charge.PowerFactorLimit is { } limit && PowerFactor(charge.Id, cycle) is var factor && factor < limit)
        {
            billed = (billed.Kw * limit / factor, $"power factor {factor:0.####} is below {limit:0.####}: {billed.Kw:0.######} kW x {limit:0.####} / {factor:0.####}");
        }

        if (charge.LossFactor is { } losses)
        {
            billed = (billed.Kw * losses, JoinReasons([billed.Note, $"{billed.Kw:0.######} kW metered x {losses:0.######} of losses"]));
        }

        if (charge.MinimumKw is { } least && billed.Kw < least)
        {
            billed = (least, $"minimum billing demand {least:0.######} kW; own peak {own:0.######} kW");
        }

        return (rounding.RoundKw(billed.Kw), billed.Note);
    }

    private (decimal Kw, string? Note) Mean(PeakMean mean, string charge, string period, int cycle)
    {
        var now = RatchetRule.Number(plan.Cycles[cycle].Month);
        var history = History(charge, [period]).ToArray();
        NoteMissing(charge, mean, plan.Cycles[cycle].Month, history.Select(p => p.Month));
        var months = history
            .Where(p => RatchetRule.Number(p.Month) <= now && RatchetRule.Number(p.Month) > now - mean.Months)
            .GroupBy(p => p.Month, (_, same) => Math.Max(mean.FloorKw, same.Max(p => p.Kw)))
            .ToArray();
        return months.Length == 0
            ? (mean.FloorKw, null)
            : (months.Sum() / months.Length, $"mean of {months.Length} monthly peaks, each at least {mean.FloorKw:0.######} kW");
    }

    private decimal PowerFactor(string charge, int cycle)
    {
        var span = plan.Spans[cycle];
        var finder = Reactive(charge);
        var kvarh = finder.Series.Kwh(ExactSum.Positive(finder.Series.Values.Slice(span.From, span.Count), finder.Series));

        // Energy whose kvarh were not measured says nothing about the power factor.
        var kwh = totals.ImportKwh - data.Net.Kwh(Unmeasured(finder.Series, span));
        var apparent = SquareRoot.Compute(kwh * kwh + kvarh * kvarh);
        return apparent == 0 ? 1 : kwh / apparent;
    }

    private Int128 Unmeasured(IntervalSeries reactive, IndexRange span)
    {
        var units = (Int128)0;
        foreach (var gap in reactive.Missing)
        {
            var (from, until) = (Math.Max(gap.From, span.From), Math.Min(gap.From + gap.Count, span.From + span.Count));
            units += from < until ? Import(from, until - from) : 0;
        }

        return units;
    }

    private void Tiers(BillSegment segment, DemandCharge charge, DemandRate rate, decimal kw, LineDetail detail, decimal share = 1)
    {
        var unit = charge.Basis == DemandBasis.Kva ? "kVA" : "kW";
        var from = 0m;
        for (var t = 0; t < rate.Tiers.Length; t++)
        {
            var tier = rate.Tiers[t];
            var inside = Math.Min(kw, tier.UpTo ?? decimal.MaxValue) - from;
            var price = tier.Price + tier.Adjustment;
            if (inside > 0 && price != 0)
            {
                Line(LineKind.Demand, charge.Id, charge.Name, inside, unit, segment.Prorate(share == 1 ? price : price * share), detail with
                {
                    Tier = rate.Tiers.Length > 1 ? t + 1 : null,
                    Note = segment.IsWhole ? detail.Note : $"{segment.Span.Days} of {segment.CycleDays} days at {price:0.############}{(detail.Note is null ? "" : "; " + detail.Note)}",
                });
            }

            from = tier.UpTo ?? kw;
            if (from >= kw)
            {
                return;
            }
        }
    }

    /// <summary>One peak per local day and period; a term for each day and tier.</summary>
    private void Daily(BillSegment segment, DemandCharge charge)
    {
        NoteWindow(charge.Window);
        var names = Names(segment.Version, charge.Schedule);
        var table = plan.GetTable(segment.Version, charge.Schedule);
        var terms = charge.Rates.ToDictionary(r => r.Period, _ => new List<(LineTerm Term, Peak Peak)>(), StringComparer.Ordinal);
        Span<Peak> best = stackalloc Peak[names.Length];
        for (var day = segment.Span.From; day < segment.Span.Until; day = day.PlusDays(1))
        {
            peaks.Find(table, plan.At(day), plan.At(day.PlusDays(1)), charge.Window, best);
            foreach (var rate in charge.Rates)
            {
                var peak = best[names.IndexOf(rate.Period)];
                var kw = rounding.RoundKw(Math.Max(peak.Kw * (charge.LossFactor ?? 1), peak.IsFound ? charge.MinimumKw ?? 0 : 0));
                terms[rate.Period].AddRange(ComputeTerms(rate, kw).Select(t => (t, peak)));
            }
        }

        foreach (var (period, days) in terms.Where(t => t.Value.Count > 0))
        {
            var kw = days.Sum(d => d.Term.Quantity);
            Line(LineKind.Demand, charge.Id, charge.Name, kw, "kW-day", days.Sum(d => d.Term.Quantity * d.Term.Rate) / kw, new LineDetail(
                period, null, FindVersionName(segment), [.. days.SelectMany(d => Starts(d.Peak)).Distinct()], [.. days.Select(d => d.Term)],
                    JoinReasons(["one peak per day; the rate is their mean", charge.LossFactor is { } losses ? $"metered kW x {losses:0.######} of losses" : null])));
        }
    }

    internal static IEnumerable<LineTerm> ComputeTerms(DemandRate rate, decimal kw)
    {
        var from = 0m;
        foreach (var tier in rate.Tiers)
        {
            var inside = Math.Min(kw, tier.UpTo ?? decimal.MaxValue) - from;
            if (inside > 0)
            {
                yield return new LineTerm(inside, tier.Price + tier.Adjustment);
            }

            from = tier.UpTo ?? kw;
        }
    }
}
