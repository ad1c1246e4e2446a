using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// Import and export netted within each span of the local clock, before anything is priced. What is left of the span lies where energy of its sign was metered, in proportion, and sums to
/// the span to the last unit:
/// <code>
///   12:00  12:15  12:30  12:45      hour
///     6     -2      3     -4   ->   3 kWh drawn: 2 | 0 | 1 | 0
/// </code>
/// </summary>
internal static class NettedEnergy
{
    /// <param name="plan">Gives the intervals and the clock.</param>
    /// <param name="data">What the meter recorded, in the plan's intervals.</param>
    /// <param name="minutes">Length of a span.</param>
    public static MeterData Net(BillPlan plan, MeterData data, int minutes)
    {
        var both = Signed(data);
        var units = both.Values.ToArray();
        var clock = WindowClock.Local(plan.Zone, minutes * 60);
        for (var at = 0; at < units.Length;)
        {
            var cell = clock.Cell(plan.Grid.StartSeconds + (long)at * both.StepSeconds);
            var end = Math.Clamp(plan.Grid.IndexAt(cell.Until), at + 1, units.Length);
            Net(units.AsSpan(at..end));
            at = end;
        }

        var netted = IntervalSeries.FromUnits(both.Start, NodaTime.Duration.FromSeconds(both.StepSeconds), both.Unit, both.Scale, units).Marked(both.Missing, both.Estimated);
        return data with { Net = netted, Export = null };
    }

    private static IntervalSeries Signed(MeterData data) => data.Export is not { } export ? data.Net
        : data.Net.Unit == export.Unit ? data.Net.Plus(export, -1)
        : data.Net.Refined(1).Plus(export.Refined(1), -1);

    private static void Net(Span<long> span)
    {
        var (drawn, fed) = ((Int128)0, (Int128)0);
        foreach (var value in span)
        {
            drawn += Math.Max(0, value);
            fed -= Math.Min(0, value);
        }

        if (drawn == 0 || fed == 0)
        {
            return;
        }

        var (left, whole, sign) = drawn >= fed ? (drawn - fed, drawn, 1) : (fed - drawn, fed, -1);
        var (before, given) = ((Int128)0, (Int128)0);
        for (var i = 0; i < span.Length; i++)
        {
            before += Math.Max(0, span[i] * sign);
            var until = left * before / whole;
            span[i] = (long)(until - given) * sign;
            given = until;
        }
    }
}
