using System.Collections.Immutable;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>Stored days put together as one series.</summary>
public static class StoredIntervals
{
    /// <summary>The intervals of [from, until), mean kW; what is not stored is missing. Null where nothing is stored at all.</summary>
    /// <param name="days">Packed days by number.</param>
    /// <param name="grid">Of the meter.</param>
    /// <param name="from">The first interval starts here or at the next grid point.</param>
    /// <param name="until">No interval starts here or later.</param>
    public static IntervalSeries? Series(IReadOnlyDictionary<int, byte[]> days, MeterGrid grid, Instant from, Instant until)
    {
        var start = grid.GetStart(from) is var aligned && aligned < from ? aligned + Duration.FromSeconds(grid.StepSeconds) : aligned;
        var count = (int)Math.Max(0, ((until - start).ToInt64Nanoseconds() / NodaConstants.NanosecondsPerSecond + grid.StepSeconds - 1) / grid.StepSeconds);
        var (units, marks) = (new long[count], new IntervalMark[count]);
        var scale = days.Values.Select(d => new DayBlock.PackedDay(d).Scale).DefaultIfEmpty(0).Max();
        foreach (var (day, packed) in days)
        {
            Copy(packed, (int)((grid.GetStart(day, 0) - start).TotalSeconds / grid.StepSeconds), scale, units, marks);
        }

        return Array.TrueForAll(marks, m => m == IntervalMark.None)
            ? null
            : IntervalSeries.FromUnits(start, Duration.FromSeconds(grid.StepSeconds), IntervalUnit.Kw, scale, units)
                .Marked(Ranges(marks, m => m == IntervalMark.None), Ranges(marks, m => m.HasFlag(IntervalMark.Estimated)));
    }

    /// <summary>The stored intervals as samples of a live meter, in order; estimated ones too, unless only measured ones are wanted.</summary>
    /// <param name="series">Net, or import.</param>
    /// <param name="measuredOnly">Leaves estimates out.</param>
    /// <param name="reactive">kvar of the same intervals; absent, or missing in one = not known.</param>
    public static IEnumerable<MeterSample> Samples(IntervalSeries series, bool measuredOnly = false, IntervalSeries? reactive = null)
    {
        var kvarh = Known(reactive, series);
        var step = Duration.FromSeconds(series.StepSeconds);
        ImmutableArray<IndexRange> missing = measuredOnly ? [.. series.Missing.Concat(series.Estimated).OrderBy(r => r.From)] : series.Missing;
        var gap = 0;
        for (var i = 0; i < series.Count; i++)
        {
            while (gap < missing.Length && missing[gap].From + missing[gap].Count <= i)
            {
                gap++;
            }

            if (gap == missing.Length || i < missing[gap].From)
            {
                var kwh = series.Kwh(series.Values[i]);
                yield return new MeterSample(series.GetStart(i), series.GetStart(i) + step, kwh, Math.Max(0, kwh), kvarh[i]);
            }
        }
    }

    private static decimal?[] Known(IntervalSeries? reactive, IntervalSeries beside)
    {
        var known = new decimal?[beside.Count];
        if (reactive is null || reactive.Start != beside.Start || reactive.StepSeconds != beside.StepSeconds)
        {
            return known;
        }

        for (var i = 0; i < Math.Min(known.Length, reactive.Count); i++)
        {
            known[i] = reactive.Kwh(reactive.Values[i]);
        }

        foreach (var gap in reactive.Missing)
        {
            known.AsSpan(Math.Min(gap.From, known.Length), Math.Min(gap.Count, Math.Max(0, known.Length - gap.From))).Clear();
        }

        return known;
    }

    private static void Copy(byte[] packed, int offset, int scale, long[] units, IntervalMark[] marks)
    {
        var day = new DayBlock.PackedDay(packed);
        var factor = (long)ExactDecimal.Power(scale - day.Scale);
        for (var i = Math.Max(0, -offset); i < day.Count && offset + i < units.Length; i++)
        {
            (units[offset + i], marks[offset + i]) = (day.Units(i) * factor, day.Mark(i));
        }
    }

    private static ImmutableArray<IndexRange> Ranges(IntervalMark[] marks, Predicate<IntervalMark> wanted)
    {
        var ranges = ImmutableArray.CreateBuilder<IndexRange>();
        for (var i = 0; i < marks.Length;)
        {
            var from = i;
            while (i < marks.Length && wanted(marks[i]))
            {
                i++;
            }

            if (i > from)
            {
                ranges.Add(new IndexRange(from, i - from));
            }
            else
            {
                i++;
            }
        }

        return ranges.ToImmutable();
    }
}
