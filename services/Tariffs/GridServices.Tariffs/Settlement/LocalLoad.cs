using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Settlement;

/// <summary>Mean kW of a stretch of time and where it comes from.</summary>
internal readonly record struct MeanLoad(decimal Kw, MeasurementSource Source);

/// <summary>Mean kW of stretches of time; null where a part of one was not measured. A missing reading is never a load of 0.</summary>
internal sealed class LocalLoad
{
    private readonly IntervalSeries series;
    private readonly DateTimeZone zone;
    private readonly MeasurementSource source;
    private readonly bool[] missing;
    private readonly bool[] estimated;

    public LocalLoad(IntervalSeries series, DateTimeZone zone, MeasurementSource source)
    {
        (this.series, this.zone, this.source) = (series, zone, source);
        (missing, estimated) = (Marked(series.Missing, series.Count), Marked(series.Estimated, series.Count));
    }

    /// <summary>Of [from, from + length); also null where the intervals do not begin and end with it.</summary>
    public MeanLoad? FindMean(Instant from, Duration length)
    {
        var step = Duration.FromSeconds(series.StepSeconds);
        var (offset, count) = (from - series.Start, (int)(length / step));
        var first = (long)Math.Floor(offset / step);
        if (source == MeasurementSource.None || count < 1 || first < 0 || first + count > series.Count || step * first != offset || step * count != length)
        {
            return null;
        }

        var (sum, guessed) = (0m, false);
        for (var i = (int)first; i < first + count; i++)
        {
            if (missing[i])
            {
                return null;
            }

            sum += series.Kw(series.Values[i], 1);
            guessed |= estimated[i];
        }

        return new MeanLoad(sum / count, guessed ? MeasurementSource.Estimate : source);
    }

    /// <summary>From when the clock shows <paramref name="from"/>: the mean of both times where it does so twice, null where it never does.</summary>
    public MeanLoad? FindMean(LocalDateTime from, Duration length)
    {
        var mapped = zone.MapLocal(from);
        if (mapped.Count < 2)
        {
            return mapped.Count == 0 ? null : FindMean(mapped.Single().ToInstant(), length);
        }

        return FindMean(mapped.First().ToInstant(), length) is { } first && FindMean(mapped.Last().ToInstant(), length) is { } second
            ? new MeanLoad((first.Kw + second.Kw) / 2, Worst([first, second]))
            : null;
    }

    /// <summary>Where several numbers come from: the worst of them.</summary>
    public static MeasurementSource Worst(IEnumerable<MeanLoad?> several) =>
        several.Select(load => load?.Source ?? MeasurementSource.None).DefaultIfEmpty(MeasurementSource.None).Max();

    private static bool[] Marked(IEnumerable<IndexRange> ranges, int count)
    {
        var marks = new bool[count];
        foreach (var range in ranges)
        {
            Array.Fill(marks, true, range.From, range.Count);
        }

        return marks;
    }
}
