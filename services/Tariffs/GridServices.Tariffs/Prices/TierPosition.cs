using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Prices;

/// <summary>A billing cycle, what was drawn in it so far and the events called in it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CyclePosition(BillingCycle Cycle, IntervalSeries? SoFar, ImmutableArray<CalledEvent> Events);

/// <summary>In which tier the next kWh falls.</summary>
internal static class TierPosition
{
    /// <summary>The tier's place among the rate's tiers. Without intervals, the first.</summary>
    public static int Find(CompiledTariff tariff, EnergyCharge charge, EnergyRate rate, CyclePosition position)
    {
        if (position.SoFar is not { } series)
        {
            return 0;
        }

        var plan = BillPlan.Create([tariff], [position.Cycle], series, position.Events);
        series = plan.Parts == 1 ? series : series.Refined(plan.Parts);
        var names = tariff.FindSchedule(charge.Schedule)?.Periods ?? ["all"];
        var span = plan.Spans[0];
        var (units, peak) = ((Int128)0, 0L);
        foreach (var run in plan.GetTable(0, charge.Schedule).From(span.From))
        {
            var counts = charge.Scope == TierScope.Charge || (run.Period >= 0 && names[run.Period] == rate.Period);
            var (from, until) = (Math.Max(run.Start, span.From), Math.Min(run.End, span.From + span.Count));
            if (from < until)
            {
                units += counts ? ExactSum.Positive(series.Values[from..until], series) : 0;
                peak = Math.Max(peak, ExactSum.Max(series.Values[from..until]).Value);
            }
        }

        var level = series.Kwh(units) * (charge.LossFactor ?? 1);
        var blocks = TierBlocks.Split(rate.Tiers, series.Kw(peak, 1) * (tariff.Source.BillingDemand?.LossFactor ?? 1), plan.Segments[0]);
        foreach (var block in blocks)
        {
            if (level < block.UpTo)
            {
                return block.Tier;
            }
        }

        return rate.Tiers.Length - 1;
    }
}
