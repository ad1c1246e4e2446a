using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>iCalendar parts: xcal:properties, dtstart, duration, uid.</summary>
internal static class CalendarXml
{
    /// <summary>Periods with a definite end are bounded to this, so that no sum leaves the calendar.</summary>
    private static readonly Period Longest = Period.FromDays(3660);

    public static CalendarInterval ReadProperties(ReceivedElement e)
    {
        var tolerate = e.ChildOrNull(Xcal + "tolerance")?.ChildOrNull(Xcal + "tolerate");
        return new CalendarInterval
        {
            Start = e.Start(),
            Duration = e.Definite(Xcal + "duration"),
            StartAfter = tolerate?.PeriodOrNull(Xcal + "startafter") is { } p ? NotNegative(Definite(p, tolerate), tolerate) : null,
            Notification = e.SignedOrNull(Ei + "x-eiNotification"),
            RampUp = e.SignedOrNull(Ei + "x-eiRampUp"),
            Recovery = e.SignedOrNull(Ei + "x-eiRecovery"),
        };
    }

    public static XElement WriteProperties(CalendarInterval i) =>
        new(Xcal + "properties",
            Start(i.Start),
            Duration(Xcal + "duration", i.Duration),
            i.StartAfter is { } after
                ? new XElement(Xcal + "tolerance",
                    new XElement(Xcal + "tolerate", new XElement(Xcal + "startafter", PeriodText.Format(after))))
                : null,
            DurationOrNull(Ei + "x-eiNotification", i.Notification),
            DurationOrNull(Ei + "x-eiRampUp", i.RampUp),
            DurationOrNull(Ei + "x-eiRecovery", i.Recovery));

    public static Instant Start(this ReceivedElement parent) => parent.Child(Xcal + "dtstart").Instant(Xcal + "date-time");

    public static Instant? StartOrNull(this ReceivedElement parent) => parent.ChildOrNull(Xcal + "dtstart")?.InstantOrNull(Xcal + "date-time");

    public static string? UidOrNull(this ReceivedElement parent) => parent.ChildOrNull(Xcal + "uid")?.IdOrNull(Xcal + "text");

    /// <summary>A duration property that may not be negative; months and years allowed.</summary>
    public static Period Property(this ReceivedElement parent, XName name)
    {
        var property = parent.Child(name);
        return NotNegative(property.Period(Xcal + "duration"), property);
    }

    public static Period? PropertyOrNull(this ReceivedElement parent, XName name) =>
        parent.ChildOrNull(name) is { } property && property.PeriodOrNull(Xcal + "duration") is { } p ? NotNegative(p, property) : null;

    /// <summary>A duration property that has one length only: neither negative nor in months or years.</summary>
    public static Period Definite(this ReceivedElement parent, XName name) => Definite(parent.Property(name), parent.Child(name));

    public static Period? DefiniteOrNull(this ReceivedElement parent, XName name) =>
        parent.PropertyOrNull(name) is { } p ? Definite(p, parent.Child(name)) : null;

    public static Period NotNegative(Period period, ReceivedElement at) =>
        IsNegative(period) ? throw at.Refuse(ErrorClass.SemanticDuration, "a negative duration makes no sense here") : period;

    public static XElement Start(Instant start) => new(Xcal + "dtstart", new XElement(Xcal + "date-time", InstantText.Format(start)));

    public static XElement? StartOrNull(Instant? start) => start is { } s ? Start(s) : null;

    public static XElement Duration(XName name, Period period) => new(name, new XElement(Xcal + "duration", PeriodText.Format(period)));

    public static XElement? DurationOrNull(XName name, Period? period) => period is null ? null : Duration(name, period);

    public static XElement? UidOrNull(string? uid) => uid is null ? null : new XElement(Xcal + "uid", new XElement(Xcal + "text", uid));

    private static Period? SignedOrNull(this ReceivedElement parent, XName name) =>
        parent.ChildOrNull(name) is { } property && property.PeriodOrNull(Xcal + "duration") is { } p ? Definite(p, property) : null;

    private static Period Definite(Period period, ReceivedElement at)
    {
        if (period.Years != 0 || period.Months != 0)
        {
            throw at.Refuse(ErrorClass.SemanticDuration, "months and years have no definite length; write days, hours, minutes or seconds");
        }

        return Abs(period.ToDuration()) <= Longest.ToDuration()
            ? period
            : throw at.Refuse(ErrorClass.SemanticDuration, "longer than ten years; write zero for an open end");
    }

    private static Duration Abs(Duration d) => d < NodaTime.Duration.Zero ? -d : d;

    private static bool IsNegative(Period p) => p.Years < 0 || p.Months < 0 || p.Weeks < 0 || p.Days < 0 || p.Hours < 0 || p.Minutes < 0 || p.Seconds < 0;
}
