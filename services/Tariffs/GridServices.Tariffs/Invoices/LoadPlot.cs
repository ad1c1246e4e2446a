using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>The load of a period, coarse enough to be printed: of each step the highest mean power of the meter's intervals in it.</summary>
public sealed record LoadPlot
{
    private const int MostPoints = 800;
    private static readonly int[] Steps = [1, 5, 15, 30, 60, 120, 180, 240, 360, 720, 1440];

    /// <summary>Start of the first step.</summary>
    public required Instant Start { get; init; }

    /// <summary>Length of a step, minutes.</summary>
    public required int Minutes { get; init; }

    /// <summary>kW, import positive; null = nothing was recorded.</summary>
    public required ImmutableArray<decimal?> Kw { get; init; }

    /// <summary>The plot of a meter's intervals.</summary>
    public static LoadPlot From(IntervalSeries series)
    {
        var own = series.StepSeconds / 60;
        var minutes = Steps.FirstOrDefault(s => s % own == 0 && (long)series.Count * own / s <= MostPoints, 1440);
        var per = minutes / own;
        var kw = new decimal?[(series.Count + per - 1) / per];
        var missing = Missing(series);
        for (var i = 0; i < series.Count; i++)
        {
            if (!missing[i])
            {
                var value = series.Kw(series.Values[i], 1);
                kw[i / per] = kw[i / per] is { } highest && highest >= value ? highest : value;
            }
        }

        return new LoadPlot { Start = series.Start, Minutes = minutes, Kw = [.. kw.Select(k => k is { } v ? decimal.Round(v, 6) : k)] };
    }

    /// <summary>Mean power of a window of whole intervals; null where one of them is missing or outside.</summary>
    internal static decimal? MeanKw(IntervalSeries series, Instant start, int minutes)
    {
        var seconds = (start - series.Start).TotalSeconds;
        var (first, count) = ((int)Math.Floor(seconds / series.StepSeconds), minutes * 60 / series.StepSeconds);
        if (seconds < 0 || first + count > series.Count || count == 0 || seconds % series.StepSeconds != 0 || series.Missing.Any(m => m.From < first + count && m.From + m.Count > first))
        {
            return null;
        }

        Int128 sum = 0;
        foreach (var units in series.Values.Slice(first, count))
        {
            sum += units;
        }

        return decimal.Round(series.Kw(sum, count), 6);
    }

    private static bool[] Missing(IntervalSeries series)
    {
        var missing = new bool[series.Count];
        foreach (var range in series.Missing)
        {
            Array.Fill(missing, true, range.From, range.Count);
        }

        return missing;
    }
}
