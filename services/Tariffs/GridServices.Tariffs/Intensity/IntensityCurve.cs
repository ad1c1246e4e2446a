using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Intensity;

/// <summary>The carbon intensity of a grid zone over time.</summary>
/// <param name="Zone">The zone's name.</param>
/// <param name="Points">In order, not overlapping; where none is, the intensity is not known.</param>
public sealed record IntensityCurve(string Zone, ImmutableArray<IntensityPoint> Points)
{
    /// <summary>The mean over [from, until) by time, g/kWh; null where any moment of it is not known.</summary>
    public decimal? Mean(Instant from, Instant until)
    {
        var (at, sum) = (from, 0m);
        for (var i = FirstEndingAfter(from); at < until; i++)
        {
            if (i >= Points.Length || Points[i].From > at)
            {
                return null;
            }

            var point = Points[i];
            if (at == from && point.Until >= until)
            {
                return point.GramsPerKwh;
            }

            var end = Instant.Min(point.Until, until);
            sum += point.GramsPerKwh * (end - at).ToInt64Nanoseconds();
            at = end;
        }

        return sum / (until - from).ToInt64Nanoseconds();
    }

    /// <summary>Spans of [from, until) whose intensity is known and at most a number: renewables are in excess there. What touches is one span.</summary>
    public IEnumerable<(Instant From, Instant Until)> AtMost(decimal grams, Instant from, Instant until)
    {
        (Instant From, Instant Until)? open = null;
        foreach (var point in Points.Where(p => p.GramsPerKwh <= grams && p.Until > from && p.From < until))
        {
            var (start, end) = (Instant.Max(point.From, from), Instant.Min(point.Until, until));
            if (open is { } held && held.Until != start)
            {
                yield return held;
                open = null;
            }

            open = (open?.From ?? start, end);
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    private int FirstEndingAfter(Instant moment)
    {
        var (low, high) = (0, Points.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Points[middle].Until <= moment ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
