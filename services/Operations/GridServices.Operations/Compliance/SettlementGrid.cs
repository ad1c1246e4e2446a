using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>Cuts a window at the settlement intervals of the site's wall clock.</summary>
internal static class SettlementGrid
{
    private const long MostRows = 100_000;

    /// <param name="from">Of the window.</param>
    /// <param name="until">Exclusive.</param>
    /// <param name="minutes">Length of an interval; divides the hour.</param>
    /// <param name="zone">Decides where an hour begins; zones with a half hour of offset have theirs at :30 UTC.</param>
    /// <exception cref="ArgumentException">The length does not divide the hour, or there would be too many rows.</exception>
    public static IReadOnlyList<(Instant From, Instant Until)> Create(Instant from, Instant until, int minutes, DateTimeZone zone)
    {
        if (minutes is < 1 or > 60 || 60 % minutes != 0 || (until - from).TotalMinutes / minutes > MostRows)
        {
            throw new ArgumentException("a settlement interval divides the hour, and a window has a bounded number of them", nameof(minutes));
        }

        var (rows, start, step) = (new List<(Instant, Instant)>(), from, Duration.FromMinutes(minutes));
        while (start < until)
        {
            // By the local clock at that instant: a change of the clocks by half an hour moves the grid with it.
            var local = start + Duration.FromSeconds(zone.GetUtcOffset(start).Seconds);
            var into = Duration.FromNanoseconds(Modulo(local.ToUnixTimeTicks(), (long)step.TotalTicks) * 100L);
            var end = Instant.Min(until, start + step - into);
            rows.Add((start, end));
            start = end;
        }

        return rows;
    }

    private static long Modulo(long value, long by) => (value % by + by) % by;
}
