using NodaTime;

namespace GridServices.Tariffs;

/// <summary>Steps 2 and 3: subscriptions, contracted and reactive power, fixed charges.</summary>
internal sealed partial class BillRun
{
    private void OtherCapacity(int cycle)
    {
        foreach (var segment in plan.SegmentsOf(cycle))
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
                ReactiveOf(segment, charge);
            }
        }
    }

    private decimal Months(BillSegment segment) => segment.Of(plan.Cycles[segment.Cycle].Months);

    private void Subscription(BillSegment segment, SubscriptionCharge charge)
    {
        var peak = PeaksOf(segment.Version, schedule: null, charge.Window, segment.Cycle).GetValueOrDefault("all", Peak.None);
        var kw = rounding.OfKw(peak.Kw);
        var needed = (int)Math.Ceiling(kw / charge.BlockKw);
        var blocks = account.SubscribedBlocks.TryGetValue(charge.Id, out var agreed) ? agreed : charge.Blocks ?? needed;
        var months = Months(segment);
        Line(LineKind.Demand, charge.Id, charge.Name, blocks * months, "block-month", charge.BlockPrice, new LineDetail(
            Version: VersionOf(segment), Note: $"{blocks} blocks of {charge.BlockKw:0.######} kW; the peak needs {needed}"));
        var over = kw - blocks * charge.BlockKw;
        if (over > 0)
        {
            Line(LineKind.Demand, charge.Id, charge.Name, over * months, "kW-month", charge.OveragePerKw, new LineDetail(
                Version: VersionOf(segment), PeakAt: Starts(peak), Note: $"{over:0.######} kW above the subscribed blocks"));
        }
    }

    private void Contracted(BillSegment segment, ContractedPower charge)
    {
        var measured = PeaksOf(segment.Version, charge.Schedule, charge.Window, segment.Cycle);
        var time = charge.PricePerDay ? segment.Span.Days : Months(segment);
        var unit = charge.PricePerDay ? "kW-day" : "kW-month";
        foreach (var rate in charge.Rates)
        {
            var contracted = account.ContractedKw.TryGetValue($"{charge.Id}/{rate.Period}", out var agreed) ? agreed : rate.ContractedKw
                ?? throw new BillRefusedException($"no contracted kW for '{charge.Id}/{rate.Period}'; give it in the account or in the tariff");
            var peak = measured.GetValueOrDefault(rate.Period, Peak.None);
            var kw = rounding.OfKw(peak.Kw);
            var detail = new LineDetail(rate.Period, null, VersionOf(segment), Starts(peak));
            if (charge.Rule == ContractedPowerRule.Excess)
            {
                Line(LineKind.Demand, charge.Id, charge.Name, contracted * time, unit, rate.Price, detail with { PeakAt = [] });
                if (kw > contracted)
                {
                    // The excess is due for the same time as the contracted kW: each day, or each month.
                    Line(LineKind.Demand, charge.Id, charge.Name, (kw - contracted) * time, unit, rate.ExcessPrice!.Value, detail with { Note = $"{kw - contracted:0.######} kW above {contracted:0.######} kW contracted" });
                }

                continue;
            }

            var billed = Maximeter(charge, contracted, kw);
            Line(LineKind.Demand, charge.Id, charge.Name, billed * time, unit, rate.Price, detail with
            {
                Note = $"contracted {contracted:0.######} kW, measured {kw:0.######} kW, billed {billed:0.######} kW",
            });
        }
    }

    /// <summary>Between the under-use floor and the over-use limit the measured kW are billed; beyond it a multiple of the excess comes on top.</summary>
    private static decimal Maximeter(ContractedPower charge, decimal contracted, decimal kw)
    {
        var limit = contracted * charge.OverUseShare;
        return kw > limit ? kw + charge.OverUseMultiplier * (kw - limit) : Math.Max(kw, contracted * charge.UnderUseShare);
    }

    private void ReactiveOf(BillSegment segment, ReactiveCharge charge)
    {
        var finder = Reactive(charge.Id);
        var detail = new LineDetail(Version: VersionOf(segment), Note: $"{charge.FreeShare:0.####} per active unit is free");
        if (charge.Rule == ReactiveRule.ExcessKvarh)
        {
            var count = segment.Until - segment.From;
            var kvarh = finder.Series.Kwh(ExactSum.Positive(finder.Series.Values.Slice(segment.From, count), finder.Series));
            var free = charge.FreeShare * data.Net.Kwh(Import(segment.From, count));
            Excess(charge, kvarh - free, "kvarh", charge.Price, detail);
            return;
        }

        Span<Peak> best = stackalloc Peak[1];
        var span = plan.Spans[segment.Cycle];
        var table = plan.TableOf(segment.Version, schedule: null);
        finder.Find(table, span.From, span.From + span.Count, charge.Window, best);
        var kvar = best[0];
        peaks.Find(table, span.From, span.From + span.Count, charge.Window, best);
        Excess(charge, kvar.Kw - charge.FreeShare * best[0].Kw, "kvar", segment.Of(charge.Price), detail with { PeakAt = Starts(kvar) });
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
        foreach (var segment in plan.SegmentsOf(cycle))
        {
            foreach (var charge in plan.Versions[segment.Version].Source.Fixed)
            {
                var (quantity, unit) = charge.Per switch
                {
                    FixedPer.Day => (segment.Span.Days, "day"),
                    FixedPer.MeanMonthDay => (Months(segment) * 365 / 12, "day"),
                    FixedPer.BillingPeriod => (segment.Of(1), "billing period"),
                    FixedPer.Year => (Years(segment.Span), "year"),
                    _ => (Months(segment), "month"),
                };
                var meters = charge.PerAdditionalMeter ? Math.Max(0, account.Meters - 1) : charge.PerMeter ? account.Meters : 1;
                if (meters > 0)
                {
                    Line(LineKind.Fixed, charge.Id, charge.Name, quantity * meters, charge.PerMeter || charge.PerAdditionalMeter ? $"meter-{unit}" : unit, charge.Amount, new LineDetail(Version: VersionOf(segment)));
                }
            }
        }
    }
}
