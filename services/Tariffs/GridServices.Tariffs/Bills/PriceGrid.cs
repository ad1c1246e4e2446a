namespace GridServices.Tariffs;

/// <summary>A price curve on an interval grid.</summary>
internal static class PriceGrid
{
    /// <summary>The time-weighted mean price of each interval; null where the curve does not cover it whole.</summary>
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

            var (covered, sum) = (0L, 0m);
            for (var p = first; p < points.Length && points[p].From.ToUnixTimeSeconds() < until; p++)
            {
                var seconds = Math.Min(points[p].Until.ToUnixTimeSeconds(), until) - Math.Max(points[p].From.ToUnixTimeSeconds(), from);
                covered += seconds;
                sum += points[p].Price * seconds;
            }

            prices[i] = covered == grid.StepSeconds ? sum / covered : null;
        }

        return prices;
    }
}
