using NodaTime;

namespace GridServices.Contracts;

/// <summary>What of a schedule is still to come: time that has passed makes no difference between two schedules.</summary>
public static class ScheduleDifference
{
    /// <summary>The segments that are not over, as they are.</summary>
    public static IEnumerable<T> Remaining<T>(IEnumerable<T> segments, Instant now)
        where T : ISegment<T> => segments.Where(s => !(s.Until <= now));

    /// <summary>The segments that are not over; one that holds already begins now.</summary>
    public static IEnumerable<T> Ahead<T>(IEnumerable<T> segments, Instant now)
        where T : ISegment<T> => Remaining(segments, now).Select(s => s.From < now ? s.Over(now, s.Until) : s);
}
