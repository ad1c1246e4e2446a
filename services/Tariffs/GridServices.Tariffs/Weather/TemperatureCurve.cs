using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Weather;

/// <summary>The temperature at a station over time.</summary>
/// <param name="Station">The station's name.</param>
/// <param name="Points">In order, not overlapping; where none is, the temperature is not known.</param>
public sealed record TemperatureCurve(string Station, ImmutableArray<TemperaturePoint> Points)
{
    /// <summary>No place on earth is colder or warmer outdoors.</summary>
    public const decimal Coldest = -90;

    /// <inheritdoc cref="Coldest"/>
    public const decimal Warmest = 60;

    internal const int MostPoints = 120_000;

    /// <summary>The mean over [from, until) by time, °C; null where any moment of it is not known.</summary>
    public decimal? Mean(Instant from, Instant until)
    {
        var sum = 0m;
        foreach (var (point, span) in Over(from, until))
        {
            if (point is null)
            {
                return null;
            }

            sum += point.Celsius * span.ToInt64Nanoseconds();
        }

        return sum / (until - from).ToInt64Nanoseconds();
    }

    /// <summary>The highest of [from, until), °C; null where any moment of it is not known.</summary>
    public decimal? Highest(Instant from, Instant until)
    {
        TemperaturePoint?[] points = [.. Over(from, until).Select(p => p.Point)];
        return points.Contains(null) ? null : points.Max(p => p!.Celsius);
    }

    /// <summary>Points in order; each moment has one temperature, and it is one of °C.</summary>
    internal static TemperatureCurve? Checked(string station, IReadOnlyCollection<TemperaturePoint> points, string at, ReadProblems problems)
    {
        if (points.Count is 0 or > MostPoints)
        {
            problems.Refuse(ErrorClass.LimitCount, at, $"give 1 to {MostPoints} points");
            return null;
        }

        var sorted = points.OrderBy(p => p.From).ToImmutableArray();
        if (sorted.FirstOrDefault(p => p.From >= p.Until || p.Celsius is < Coldest or > Warmest) is { } bad)
        {
            problems.Refuse(ErrorClass.SemanticNumber, at, bad.From >= bad.Until ? $"the point from {bad.From} ends before it starts" : string.Create(
                CultureInfo.InvariantCulture, $"{bad.Celsius} at {bad.From} is no temperature outdoors: {Coldest} to {Warmest} °C; check the unit"));
        }

        if (sorted.Zip(sorted.Skip(1)).FirstOrDefault(p => p.First.Until > p.Second.From) is { Second: { } second })
        {
            problems.Refuse(ErrorClass.SemanticOverlap, at, $"two points hold at {second.From}; each moment has one temperature");
        }

        return new TemperatureCurve(station, sorted);
    }

    /// <summary>The points of [from, until) with their time in it; null stands for what is not known.</summary>
    private IEnumerable<(TemperaturePoint? Point, Duration Span)> Over(Instant from, Instant until)
    {
        var at = from;
        for (var i = FirstEndingAfter(from); at < until; i++)
        {
            if (i >= Points.Length || Points[i].From > at)
            {
                yield return (null, until - at);
                yield break;
            }

            var end = Instant.Min(Points[i].Until, until);
            yield return (Points[i], end - at);
            at = end;
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
