using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Steps 2 and 3: subscriptions, contracted and reactive power, fixed charges.</summary>
internal sealed partial class BillRun
{
    private void OtherCapacity(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            var tariff = plan.Versions[segment.Version].Source;
            foreach (var charge in tariff.Subscriptions)
            {
                Subscription(segment, charge);
            }

            foreach (var charge in tariff.ContractedPower)
            {
                Contracted(segment, charge);
            }

            foreach (var charge in tariff.Reactive)
            {
                ChargeReactive(segment, charge);
            }
        }
    }

    private decimal Months(BillSegment segment) => ProratedMonths.Compute(plan, segment);

    private void Subscription(BillSegment segment, SubscriptionCharge charge)
    {
        var peak = ComputePeaks(segment.Version, schedule: null, charge.Window, segment.Cycle).GetValueOrDefault("all", Peak.None);
        var kw = rounding.RoundKw(peak.Kw);
        var needed = (int)Math.Ceiling(kw / charge.BlockKw);
        var blocks = account.SubscribedBlocks.TryGetValue(charge.Id, out var agreed) ? agreed : charge.Blocks ?? needed;
        var months = Months(segment);
        Line(LineKind.Demand, charge.Id, charge.Name, blocks * months, "block-month", charge.BlockPrice, new LineDetail(
            Version: FindVersionName(segment), Note: $"{blocks} blocks of {charge.BlockKw:0.######} kW; the peak needs {needed}"));
        var over = kw - blocks * charge.BlockKw;
        if (over > 0)
        {
            Line(LineKind.Demand, charge.Id, charge.Name, over * months, "kW-month", charge.OveragePerKw, new LineDetail(
                Version: FindVersionName(segment), PeakAt: Starts(peak), Note: $"{over:0.######} kW above the subscribed blocks"));
        }
    }

    private void Contracted(BillSegment segment, ContractedPower charge)
    {
        var isApparent = charge.Basis == DemandBasis.Kva;
        var measured = isApparent
            ? ApparentPeaks(segment.Version, charge.Id, charge.Schedule, charge.Window, charge.PowerFactor, segment.Cycle)
            : ComputePeaks(segment.Version, charge.Schedule, charge.Window, segment.Cycle);
        foreach (var rate in charge.Rates)
        {
            var contracted = account.ContractedKw.TryGetValue($"{charge.Id}/{rate.Period}", out var agreed) ? agreed : rate.ContractedKw
                ?? throw new BillRefusedException($"no contracted kW for '{charge.Id}/{rate.Period}'; give it in the account or in the tariff");
            var peak = measured.GetValueOrDefault(rate.Period, Peak.None);
            Contracted(segment, charge, rate, contracted, peak, isApparent ? "kVA" : "kW");
        }
    }

    private void Contracted(BillSegment segment, ContractedPower charge, ContractedRate rate, decimal contracted, Peak peak, string unit)
    {
        var (time, per) = charge.PricePerDay ? (segment.Span.Days, "day") : (Months(segment), "month");
        var kw = rounding.RoundKw(peak.Kw);
        var detail = new LineDetail(rate.Period, null, FindVersionName(segment), Starts(peak));
        if (charge.Rule == ContractedPowerRule.Maximeter)
        {
            var billed = Maximeter(charge, contracted, kw);
            Line(LineKind.Demand, charge.Id, charge.Name, billed * time, $"{unit}-{per}", rate.Price, detail with
            {
                Note = $"contracted {contracted:0.######} {unit}, measured {kw:0.######} {unit}, billed {billed:0.######} {unit}",
            });
            return;
        }

        Line(LineKind.Demand, charge.Id, charge.Name, contracted * time, $"{unit}-{per}", rate.Price, detail with { PeakAt = [] });
        if (charge.Rule == ContractedPowerRule.SquareRootExcess)
        {
            SquareRootExcess(segment, charge, rate, contracted);
        }
        else if (kw > contracted)
        {
            // The excess is due for the same time as the contracted kW: each day, or each month.
            Line(LineKind.Demand, charge.Id, charge.Name, (kw - contracted) * time, $"{unit}-{per}", rate.ExcessPrice!.Value,
                detail with { Note = $"{kw - contracted:0.######} {unit} above {contracted:0.######} {unit} contracted" });
        }
    }

    /// <summary>Between the under-use floor and the over-use limit the measured kW are billed; beyond it a multiple of the excess comes on top.</summary>
    private static decimal Maximeter(ContractedPower charge, decimal contracted, decimal kw)
    {
        var limit = contracted * charge.OverUseShare;
        return kw > limit ? kw + charge.OverUseMultiplier * (kw - limit) : Math.Max(kw, contracted * charge.UnderUseShare);
    }

    private void ChargeReactive(BillSegment segment, ReactiveCharge charge)
    {
        var finder = Reactive(charge.Id);
        NoteKvar(charge.Id, finder.Series, plan.Spans[segment.Cycle]);
        var detail = new LineDetail(Version: FindVersionName(segment), Note: $"{charge.FreeShare:0.####} per active unit is free");
        if (charge.Rule == ReactiveRule.ExcessKvarh)
        {
            var count = segment.Until - segment.From;
            var kvarh = finder.Series.Kwh(ExactSum.Positive(finder.Series.Values.Slice(segment.From, count), finder.Series));
            var unmeasured = Unmeasured(finder.Series, new IndexRange(segment.From, count));
            var free = charge.FreeShare * data.Net.Kwh(Import(segment.From, count) - unmeasured);
            Excess(charge, kvarh - free, "kvarh", charge.Price, detail);
            return;
        }

        Span<Peak> best = stackalloc Peak[1];
        var span = plan.Spans[segment.Cycle];
        var table = plan.GetTable(segment.Version, schedule: null);
        finder.Find(table, span.From, span.From + span.Count, charge.Window, best);
        var kvar = best[0];
        new PeakFinder(plan, Measured(data.Net, finder.Series)).Find(table, span.From, span.From + span.Count, charge.Window, best);
        Excess(charge, kvar.Kw - charge.FreeShare * best[0].Kw, "kvar", segment.Prorate(charge.Price), detail with { PeakAt = Starts(kvar) });
    }

    private void NoteKvar(string charge, IntervalSeries reactive, IndexRange span)
    {
        if (CountMeterIntervals(reactive.Missing.Sum(gap => Math.Max(0, Math.Min(gap.From + gap.Count, span.From + span.Count) - Math.Max(gap.From, span.From)))) is > 0 and var missing)
        {
            notes.Add($"kvar of {missing} intervals are not known: '{charge}' is billed, and its free share given, by the others alone, and the bill may be too low");
        }
    }

    /// <summary>The load where its kvar are known too: what was drawn elsewhere makes nothing free.</summary>
    private static IntervalSeries Measured(IntervalSeries net, IntervalSeries reactive)
    {
        if (reactive.Missing.IsEmpty)
        {
            return net;
        }

        var units = net.Values.ToArray();
        foreach (var gap in reactive.Missing)
        {
            units.AsSpan(gap.From, gap.Count).Clear();
        }

        return IntervalSeries.FromUnits(net.Start, Duration.FromSeconds(net.StepSeconds), net.Unit, net.Scale, units, net.IsExact);
    }

    private void Excess(ReactiveCharge charge, decimal quantity, string unit, decimal price, LineDetail detail)
    {
        if (quantity > 0)
        {
            Line(LineKind.Demand, charge.Id, charge.Name, quantity, unit, price, detail);
        }
    }

    /// <summary>Each calendar year's share of days.</summary>
    private static decimal Years(BillingCycle span)
    {
        var years = 0m;
        for (var day = span.From; day < span.Until;)
        {
            var next = LocalDate.Min(new LocalDate(day.Year + 1, 1, 1), span.Until);
            years += (decimal)Period.DaysBetween(day, next) / day.Calendar.GetDaysInYear(day.Year);
            day = next;
        }

        return years;
    }

    private void Fixed(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            foreach (var charge in plan.Versions[segment.Version].Source.Fixed)
            {
                var (quantity, unit) = charge.Per switch
                {
                    FixedPer.Day => (segment.Span.Days, "day"),
                    FixedPer.MeanMonthDay => (Months(segment) * 365 / 12, "day"),
                    FixedPer.BillingPeriod => (segment.Prorate(1), "billing period"),
                    FixedPer.Year => (Years(segment.Span), "year"),
                    _ => (Months(segment), "month"),
                };
                var (amount, note) = GetAmount(charge, segment);
                var meters = charge.PerAdditionalMeter ? Math.Max(0, account.Meters - 1) : charge.PerMeter ? account.Meters : 1;
                if (meters > 0)
                {
                    Line(LineKind.Fixed, charge.Id, charge.Name, quantity * meters, charge.PerMeter || charge.PerAdditionalMeter ? $"meter-{unit}" : unit, amount,
                        new LineDetail(Version: FindVersionName(segment), Note: note));
                }
            }
        }
    }

    /// <summary>The amount of the class that the peak falls in.</summary>
    private (decimal Amount, string? Note) GetAmount(FixedCharge charge, BillSegment segment)
    {
        if (charge.Classes.IsEmpty)
        {
            return (charge.Amount, null);
        }

        var (own, now) = (found[(charge.Id, segment.Version, segment.Cycle)].GetValueOrDefault("all", Peak.None).Kw, plan.Cycles[segment.Cycle].Month);
        var (history, back) = (History(charge.Id, AllPeriods).ToArray(), charge.LookbackMonths ?? 0);
        NoteMissing(charge.Id, Enumerable.Range(1, back).Select(m => Before(now, m)), history.Select(p => p.Month));
        var earlier = history.Where(p => RatchetRule.Number(p.Month) < RatchetRule.Number(now) && RatchetRule.Number(p.Month) >= RatchetRule.Number(now) - back);
        var kw = rounding.RoundKw(earlier.Select(p => p.Kw).Append(own).Max());
        var size = charge.Classes.FirstOrDefault(c => kw <= c.UpToKw);
        return (size?.Amount ?? charge.Amount, $"peak {kw:0.######} kW: {(size is null ? $"above {charge.Classes[^1].UpToKw:0.######} kW" : $"up to {size.UpToKw:0.######} kW")}");
    }
}
