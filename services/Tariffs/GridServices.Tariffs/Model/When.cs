using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>A named part of the year.</summary>
public sealed record Season
{
    public required string Id { get; init; }

    /// <summary>Each half-open; one that ends before it starts runs over the new year.</summary>
    public required ImmutableArray<YearRange> Ranges { get; init; }
}

/// <summary>Days of a year [<see cref="From"/>, <see cref="Until"/>), as <c>MM-dd</c>.</summary>
public sealed record YearRange(AnnualDate From, AnnualDate Until);

/// <summary>How a holiday on a weekend moves.</summary>
public enum Observance
{
    None,

    /// <summary>Saturday to Friday, Sunday to Monday.</summary>
    NearestWeekday,

    /// <summary>Sunday to Monday; Saturday stays.</summary>
    SundayToMonday,
}

/// <summary>One holiday, as exactly one of: a date, a day of every year, the n-th weekday of a month, days from Easter Sunday.</summary>
public sealed record Holiday
{
    public string? Name { get; init; }
    public LocalDate? Date { get; init; }

    /// <summary>Every year on this day, <c>MM-dd</c>.</summary>
    public AnnualDate? Annual { get; init; }

    public NthWeekday? Nth { get; init; }

    /// <summary>Days after Western Easter Sunday; Good Friday = -2.</summary>
    public int? EasterOffset { get; init; }

    public Observance Observed { get; init; } = Observance.None;
}

/// <summary>E.g. the 4th Thursday of November; <see cref="N"/> = -1 is the last one.</summary>
public sealed record NthWeekday(int Month, IsoDayOfWeek Weekday, int N);

/// <summary>How holidays belong to a day type.</summary>
public enum HolidayRule
{
    /// <summary>A holiday is the weekday that it is.</summary>
    AsWeekday,

    /// <summary>A holiday is not of this type.</summary>
    Exclude,

    /// <summary>A holiday is of this type, whatever weekday it is.</summary>
    Include,
}

/// <summary>A kind of day: weekdays, with or without holidays.</summary>
public sealed record DayType
{
    public required string Id { get; init; }
    public required ImmutableArray<IsoDayOfWeek> Days { get; init; }
    public HolidayRule Holidays { get; init; } = HolidayRule.AsWeekday;
}

/// <summary>A division of all time into periods: for each moment, the first rule that matches it names the period.</summary>
public sealed record Schedule
{
    public required string Id { get; init; }
    public required ImmutableArray<ScheduleRule> Rules { get; init; }
}

/// <summary>Matches when month, season and day type (each if stated) fit and the wall clock is in [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record ScheduleRule
{
    public required string Period { get; init; }
    public ImmutableArray<int> Months { get; init; } = [];
    public ImmutableArray<string> Seasons { get; init; } = [];
    public ImmutableArray<string> DayTypes { get; init; } = [];

    /// <summary><c>HH:mm</c>; absent = midnight.</summary>
    public DayTime From { get; init; } = DayTime.Midnight;

    /// <summary><c>HH:mm</c>, up to <c>24:00</c>; not after <see cref="From"/> = over midnight.</summary>
    public DayTime Until { get; init; } = DayTime.EndOfDay;

    /// <summary>Only while a called event of this kind lasts (critical peak, demand response); such a rule goes before all others.</summary>
    public string? Event { get; init; }
}

/// <summary>A wall clock time to the minute, 00:00 to 24:00.</summary>
/// <param name="Minutes">Minutes on the clock face since midnight, 0..1440; not elapsed minutes: on a day of 23 h 03:00 is still 180.</param>
public readonly record struct DayTime(int Minutes)
{
    public static DayTime Midnight { get; } = new(0);

    public static DayTime EndOfDay { get; } = new(1440);

    public override string ToString() => $"{Minutes / 60:00}:{Minutes % 60:00}";

    public static bool TryParse(string? text, out DayTime time)
    {
        time = default;
        if (text is not { Length: 5 } || text[2] != ':' || !Digits(text, 0, out var hours) || !Digits(text, 3, out var minutes))
        {
            return false;
        }

        time = new DayTime(hours * 60 + minutes);
        return minutes < 60 && time.Minutes <= 1440;
    }

    private static bool Digits(string text, int at, out int value)
    {
        value = (text[at] - '0') * 10 + text[at + 1] - '0';
        return char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]);
    }
}
