using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Events;

/// <summary>Times for people in every language: ISO dates, with the zone's abbreviation and offset, so that 02:30 on a clock-change day is never two things.</summary>
public static class ZonedText
{
    private static readonly ZonedDateTimePattern Long = ZonedDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm x '(UTC'o<m>')'", null);
    private static readonly ZonedDateTimePattern DayAndTime = ZonedDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm", null);
    private static readonly ZonedDateTimePattern Time = ZonedDateTimePattern.CreateWithInvariantCulture("HH:mm", null);
    private static readonly ZonedDateTimePattern Zone = ZonedDateTimePattern.CreateWithInvariantCulture("x '(UTC'o<m>')'", null);

    /// <summary><c>2027-07-01 16:00 CEST (UTC+02:00)</c>.</summary>
    public static string Format(Instant at, DateTimeZone zone) => Long.Format(at.InZone(zone));

    /// <summary><c>2027-07-01 16:00–20:00 CEST (UTC+02:00)</c>; where the offset changes in between, both are named. An end of null is open.</summary>
    public static string Span(Instant from, Instant? until, DateTimeZone zone)
    {
        var start = from.InZone(zone);
        if (until is not { } end)
        {
            return $"{DayAndTime.Format(start)}– {Zone.Format(start)}";
        }

        var finish = end.InZone(zone);
        var last = (finish.Date == start.Date ? Time : DayAndTime).Format(finish);
        return start.Offset == finish.Offset
            ? $"{DayAndTime.Format(start)}–{last} {Zone.Format(start)}"
            : $"{DayAndTime.Format(start)} {Zone.Format(start)}–{last} {Zone.Format(finish)}";
    }

    /// <summary>The span in the zone, and in UTC.</summary>
    public static string SpanWithUtc(Instant from, Instant? until, DateTimeZone zone) => $"{Span(from, until, zone)} = {Utc(from, until)}";

    private static string Utc(Instant from, Instant? until)
    {
        var (start, end) = (from.InUtc(), until?.InUtc());
        var last = end is not { } finish ? string.Empty : (finish.Date == start.Date ? Time : DayAndTime).Format(finish);
        return $"{DayAndTime.Format(start)}–{last} UTC";
    }
}
