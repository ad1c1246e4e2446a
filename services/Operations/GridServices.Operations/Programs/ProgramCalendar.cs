using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Programs;

/// <summary>When a program may call.</summary>
public sealed record ProgramCalendar
{
    /// <summary>Empty = all year.</summary>
    public ValueList<ProgramSeason> Seasons { get; init; } = [];

    public ValueList<ExcludedDay> ExcludedDays { get; init; } = [];

    /// <summary>Empty = every day.</summary>
    public ValueList<IsoDayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Wall clock times of calls; empty = any time.</summary>
    public ValueList<CallWindow> Windows { get; init; } = [];

    /// <summary>Whether the program may call on this day (in its own zone).</summary>
    public bool IsCallDay(LocalDate day) =>
        (Seasons.Count == 0 || Seasons.Any(s => s.Contains(day)))
        && (Weekdays.Count == 0 || Weekdays.Contains(day.DayOfWeek))
        && !ExcludedDays.Any(e => e.Is(day));

    /// <summary>The spans of one day in which calls may fall, half-open, in order; empty on other days. A window over midnight belongs to the day it starts on.</summary>
    public IReadOnlyList<Interval> CallSpans(LocalDate day, DateTimeZone zone)
    {
        if (!IsCallDay(day))
        {
            return [];
        }

        return Windows.Count == 0
            ? [new Interval(zone.AtStartOfDay(day).ToInstant(), zone.AtStartOfDay(day.PlusDays(1)).ToInstant())]
            : [.. Windows.Select(w => w.On(day, zone)).OrderBy(i => i.Start)];
    }

    /// <summary>The first day of the season that is on, or comes next, from this day on; null = the program runs all year.</summary>
    public LocalDate? SeasonStart(LocalDate day) =>
        Seasons.Count == 0 ? null : Seasons.Select(s => s.StartOnOrBefore(day) is { } begun && s.Contains(day) ? begun : s.NextStart(day)).Min();
}

/// <summary>Days of a year, first and last included; one whose last day is before its first runs over the new year.</summary>
public sealed record ProgramSeason(string Name, AnnualDate From, AnnualDate Until, string Source, Certainty Certainty)
{
    public bool Contains(LocalDate day)
    {
        var date = new AnnualDate(day.Month, day.Day);
        return From <= Until ? From <= date && date <= Until : From <= date || date <= Until;
    }

    /// <summary>The latest start that is not after the day.</summary>
    public LocalDate? StartOnOrBefore(LocalDate day)
    {
        var here = From.InYear(day.Year);
        return here <= day ? here : From.InYear(day.Year - 1);
    }

    /// <summary>First and last day of the season that is on, or comes next, from this day on.</summary>
    public (LocalDate First, LocalDate Last) OnOrAfter(LocalDate day)
    {
        var first = Contains(day) && StartOnOrBefore(day) is { } begun ? begun : NextStart(day);
        var last = Until.InYear(first.Year);
        return (first, last < first ? Until.InYear(first.Year + 1) : last);
    }

    /// <summary>The earliest start that is not before the day.</summary>
    public LocalDate NextStart(LocalDate day)
    {
        var here = From.InYear(day.Year);
        return here >= day ? here : From.InYear(day.Year + 1);
    }
}

/// <summary>Days without calls, as exactly one of: a day of every year, a span of days of every year, days from Easter Sunday, the n-th weekday of a month.</summary>
public sealed record ExcludedDay
{
    public required string Name { get; init; }
    public AnnualDate? Annual { get; init; }

    /// <summary>With <see cref="Annual"/>: the last day of a span, included.</summary>
    public AnnualDate? Through { get; init; }

    /// <summary>Days after Western Easter Sunday: Good Friday -2, Easter Monday 1.</summary>
    public int? EasterOffset { get; init; }

    /// <summary>Month, weekday and number (-1 = the last).</summary>
    public NthWeekday? Nth { get; init; }

    /// <summary>A <see cref="Annual"/> day on a Sunday is observed on the Monday after it.</summary>
    public bool SundayToMonday { get; init; }

    public required string Source { get; init; }
    public required Certainty Certainty { get; init; }

    public bool Is(LocalDate day)
    {
        if (EasterOffset is { } offset)
        {
            return Easter.Sunday(day.Year).PlusDays(offset) == day;
        }

        return Nth is { } nth ? nth.Is(day) : Annual is { } from && IsAnnual(day, from);
    }

    private bool IsAnnual(LocalDate day, AnnualDate from)
    {
        var date = new AnnualDate(day.Month, day.Day);
        if (Through is { } last)
        {
            return from <= last ? from <= date && date <= last : from <= date || date <= last;
        }

        return SundayToMonday && from.InYear(day.Year).DayOfWeek == IsoDayOfWeek.Sunday ? from.InYear(day.Year).PlusDays(1) == day : date == from;
    }
}

/// <summary>E.g. the first Monday of September; <see cref="N"/> = -1 is the last one of the month.</summary>
public sealed record NthWeekday(int Month, IsoDayOfWeek Weekday, int N)
{
    public bool Is(LocalDate day) =>
        day.Month == Month && day.DayOfWeek == Weekday
        && (N < 0 ? day.PlusWeeks(1).Month != Month : (day.Day + 6) / 7 == N);
}

/// <summary>Wall clock times [<see cref="From"/>, <see cref="Until"/>); an end that is not after the start is on the next day.</summary>
public sealed record CallWindow(string Id, string Name, LocalTime From, LocalTime Until, string Source, Certainty Certainty)
{
    /// <summary>On a day of that zone. A wall clock time that the day does not have is moved forward by the gap; of one that it has twice, the start is the first and the end the second.</summary>
    public Interval On(LocalDate day, DateTimeZone zone)
    {
        var end = (Until <= From ? day.PlusDays(1) : day) + Until;
        return new Interval(zone.AtLeniently(day + From).ToInstant(), zone.ResolveLocal(end, Late).ToInstant());
    }

    private static readonly NodaTime.TimeZones.ZoneLocalMappingResolver Late =
        NodaTime.TimeZones.Resolvers.CreateMappingResolver(NodaTime.TimeZones.Resolvers.ReturnLater, NodaTime.TimeZones.Resolvers.ReturnForwardShifted);
}

/// <summary>Western Easter by the anonymous Gregorian algorithm (Meeus, Jones, Butcher).</summary>
internal static class Easter
{
    public static LocalDate Sunday(int year)
    {
        var (golden, century, rest) = (year % 19, year / 100, year % 100);
        var epact = ((19 * golden) + century - (century / 4) - ((century - ((century + 8) / 25) + 1) / 3) + 15) % 30;
        var weekday = (32 + (2 * (century % 4)) + (2 * (rest / 4)) - epact - (rest % 4)) % 7;
        var correction = (golden + (11 * epact) + (22 * weekday)) / 451;
        var sum = epact + weekday - (7 * correction) + 114;
        return new LocalDate(year, sum / 31, (sum % 31) + 1);
    }
}
