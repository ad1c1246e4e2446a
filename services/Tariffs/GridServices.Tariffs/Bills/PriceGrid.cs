using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Bills;

/// <summary>A price curve on an interval grid.</summary>
internal static class PriceGrid
{
    /// <summary>The time-weighted mean price of each interval; null where the curve does not cover it whole, or says two prices for one time.</summary>
    public static decimal?[] Sample(PriceCurve curve, Grid grid)
    {
        var points = curve.Points.Sort((a, b) => a.From.CompareTo(b.From));
        var prices = new decimal?[grid.Count];
        var first = 0;
        for (var i = 0; i < prices.Length; i++)
        {
            var (from, until) = (grid.StartSeconds + (long)i * grid.StepSeconds, grid.StartSeconds + (long)(i + 1) * grid.StepSeconds);
            while (first < points.Length && points[first].Until.ToUnixTimeSeconds() <= from)
            {
                first++;
            }

            var (covered, sum, end, isTwofold) = (0L, 0m, from, false);
            for (var p = first; p < points.Length && points[p].From.ToUnixTimeSeconds() < until; p++)
            {
                var (start, stop) = (Math.Max(points[p].From.ToUnixTimeSeconds(), from), Math.Min(points[p].Until.ToUnixTimeSeconds(), until));
                if (stop <= start)
                {
                    continue;
                }

                var seconds = stop - start;
                (isTwofold, end) = (isTwofold || start < end, Math.Max(end, stop));
                covered += seconds;
                sum += points[p].Price * seconds;
            }

            prices[i] = covered == grid.StepSeconds && !isTwofold ? sum / covered : null;
        }

        return prices;
    }
}
