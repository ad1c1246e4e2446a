using NodaTime;

namespace GridServices.Tariffs;

/// <summary>Mean kW of a local clock hour and where it comes from.</summary>
internal readonly record struct HourMean(decimal Kw, MeasurementSource Source);

/// <summary>Mean kW of local clock hours; null where an interval of the hour is missing. A missing reading is never a load of 0.</summary>
internal sealed class HourlyLoad
{
    private readonly Dictionary<(LocalDate Date, int Hour), (decimal Sum, int Count, bool Whole, bool Estimated)> hours = [];
    private readonly MeasurementSource source;
    private readonly int perHour;

    public HourlyLoad(IntervalSeries series, DateTimeZone zone, MeasurementSource source)
    {
        (this.source, perHour) = (source, Math.Max(1, 3600 / series.StepSeconds));
        var (missing, estimated) = (Marked(series.Missing), Marked(series.Estimated));
        for (var i = 0; i < series.Count; i++)
        {
            var local = series.StartOf(i).InZone(zone).LocalDateTime;
            var (sum, count, whole, guessed) = hours.GetValueOrDefault((local.Date, local.Hour), (0, 0, true, false));
            hours[(local.Date, local.Hour)] = (sum + series.Kw(series.Values[i], 1), count + 1, whole && !missing.Contains(i), guessed || estimated.Contains(i));
        }
    }

    public decimal? At(LocalDate date, int hour) => Of(date, hour)?.Kw;

    public HourMean? Of(LocalDate date, int hour) =>
        source != MeasurementSource.None && hours.TryGetValue((date, hour), out var load) && load.Whole && load.Count >= perHour
            ? new HourMean(load.Sum / load.Count, load.Estimated ? MeasurementSource.Estimate : source)
            : null;

    /// <summary>Where the numbers of several hours come from: the worst of them.</summary>
    public MeasurementSource SourceOf(IEnumerable<(LocalDate Date, int Hour)> several) =>
        several.Select(h => Of(h.Date, h.Hour)?.Source ?? MeasurementSource.None).DefaultIfEmpty(MeasurementSource.None).Max();

    private static HashSet<int> Marked(IEnumerable<IndexRange> ranges) => [.. ranges.SelectMany(r => Enumerable.Range(r.From, r.Count))];
}
