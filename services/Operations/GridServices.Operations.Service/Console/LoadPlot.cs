using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Money;
using NodaTime;

namespace GridServices.Operations.Service.Console;

/// <summary>A day of a meter: what was measured of it. Null where nothing was.</summary>
internal sealed record LoadDay(LocalDate Date, decimal? Kwh, decimal? PeakKw, Instant? PeakAt, int Missing)
{
    /// <summary>The days of the cycle that have begun; an interval that is not over is not missing.</summary>
    internal static IReadOnlyList<LoadDay> Compute(MeterLoad load, Instant now)
    {
        var byDay = load.Readings.GroupBy(r => r.From.InZone(load.Zone).Date).ToDictionary(g => g.Key, g => g.ToList());
        var days = new List<LoadDay>();
        var last = load.Until.InZone(load.Zone).Date;
        for (var day = load.From.InZone(load.Zone).Date; day < last && load.Zone.AtStartOfDay(day).ToInstant() <= now; day = day.PlusDays(1))
        {
            var (start, end) = (load.Zone.AtStartOfDay(day).ToInstant(), Instant.Min(now, load.Zone.AtStartOfDay(day.PlusDays(1)).ToInstant()));
            var readings = byDay.GetValueOrDefault(day) ?? [];
            var peak = readings.MaxBy(r => r.Kw);
            days.Add(new LoadDay(
                day, readings.Count == 0 ? null : readings.Sum(r => r.Kw * (decimal)(r.Until - r.From).TotalHours), peak?.Kw, peak?.From, Math.Max(0, (int)Math.Floor((end - start) / load.Step) - readings.Count)));
        }

        return days;
    }
}

/// <summary>The load of a billing cycle as a plot, with the intervals marked that cost money.</summary>
internal static class LoadPlot
{
    // More points than this are not to be told apart; of each group the highest is drawn, for the highest is what is billed.
    private const int MostPoints = 3_000;

    internal static PowerPlot Create(PageUi ui, string meter, MeterLoad load, MonthBill? bill)
    {
        var peaks = Peaks(load, bill).ToList();
        return new PowerPlot(
            "load", ui.T["money.loadOf", meter], ui.T["money.loadDescription", ui.N.Count(load.Readings.Count), ui.N.Count(load.Expected), peaks.Count],
            load.From, load.Until)
        {
            Measured = Steps(load),
            Peaks = peaks,
        };
    }

    private static IEnumerable<PlotPeak> Peaks(MeterLoad load, MonthBill? bill)
    {
        var byStart = load.Readings.ToDictionary(r => r.From, r => r.Kw);
        foreach (var group in (bill?.LineItems ?? []).Where(l => l.Amount > 0).SelectMany(l => l.PeakAt.Select(at => (at, l.Title))).Where(p => p.at >= load.From && p.at < load.Until).GroupBy(p => p.at))
        {
            decimal? kw = byStart.TryGetValue(group.Key, out var read) ? read : null;
            yield return new PlotPeak(group.Key, group.Key + load.Step, kw * 1000, string.Join(", ", group.Select(p => p.Title).Distinct(StringComparer.Ordinal)));
        }
    }

    private static List<PowerPoint> Steps(MeterLoad load)
    {
        var grid = load.Grid();
        var size = Math.Max(1, (grid.Length + MostPoints - 1) / MostPoints);
        var points = new List<PowerPoint>();
        for (var i = 0; i < grid.Length; i += size)
        {
            var group = grid.AsSpan(i, Math.Min(size, grid.Length - i)).ToArray();
            points.Add(new PowerPoint(load.From + (load.Step * i), group.Max() * 1000));
        }

        return points;
    }
}
