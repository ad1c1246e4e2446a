using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>Holidays from rules and lists, year by year.</summary>
public sealed class HolidayCalendar(ImmutableArray<Holiday> holidays)
{
    private readonly ConcurrentDictionary<int, FrozenSet<LocalDate>> years = new();

    public bool IsHoliday(LocalDate date) => !holidays.IsDefaultOrEmpty && years.GetOrAdd(date.Year, ComputeDays).Contains(date);

    /// <summary>Western Easter Sunday (Gregorian computus).</summary>
    public static LocalDate Easter(int year)
    {
        var golden = year % 19;
        var century = year / 100;
        var epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
        var moon = epact - epact / 28 * (1 - 29 / (epact + 1) * ((21 - golden) / 11));
        var weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
        var offset = moon - weekday;
        var month = 3 + (offset + 40) / 44;
        return new LocalDate(year, month, offset + 28 - 31 * (month / 4));
    }

    private FrozenSet<LocalDate> ComputeDays(int year)
    {
        // An observed New Year's Day can fall on 31 December of the year before, so the neighbours are looked at too.
        var found = Enumerable.Range(year - 1, 3)
            .Where(y => y is >= 1 and <= 9999)
            .SelectMany(y => holidays.Select(h => (Day: On(h, y) ?? LocalDate.MinIsoValue, Moves: h.Observed == Observance.SubstituteDay)))
            .Where(h => h.Day != LocalDate.MinIsoValue)
            .OrderBy(h => h.Day)
            .ToArray();
        var days = found.Where(h => !h.Moves || !IsWeekend(h.Day)).Select(h => h.Day).ToHashSet();
        foreach (var (day, _) in found.Where(h => h.Moves && IsWeekend(h.Day)))
        {
            var next = day.PlusDays(1);
            while (IsWeekend(next) || days.Contains(next))
            {
                next = next.PlusDays(1);
            }

            days.Add(next);
        }

        return days.Where(date => date.Year == year).ToFrozenSet();
    }

    private static bool IsWeekend(LocalDate date) => date.DayOfWeek >= IsoDayOfWeek.Saturday;

    private static LocalDate? On(Holiday holiday, int year)
    {
        var date = holiday switch
        {
            { Date: { } fixedDate } => fixedDate.Year == year ? fixedDate : (LocalDate?)null,
            { Annual: { } annual } => annual.IsValidYear(year) ? annual.InYear(year) : null,
            { Nth: { } nth } => Nth(nth, year),
            { EasterOffset: { } days } => Easter(year).PlusDays(days),
            _ => null,
        };
        return date is { } day ? Observed(day, holiday.Observed) : null;
    }

    private static LocalDate? Nth(NthWeekday rule, int year)
    {
        if (rule.N < 0)
        {
            var last = new LocalDate(year, rule.Month, 1).With(DateAdjusters.EndOfMonth);
            var back = ((int)last.DayOfWeek - (int)rule.Weekday + 7) % 7 + 7 * (-rule.N - 1);
            return last.PlusDays(-back) is var found && found.Month == rule.Month ? found : null;
        }

        var first = new LocalDate(year, rule.Month, 1);
        var ahead = ((int)rule.Weekday - (int)first.DayOfWeek + 7) % 7 + 7 * (rule.N - 1);
        return first.PlusDays(ahead) is var day && day.Month == rule.Month ? day : null;
    }

    private static LocalDate Observed(LocalDate date, Observance rule) => (rule, date.DayOfWeek) switch
    {
        (Observance.NearestWeekday, IsoDayOfWeek.Saturday) => date.PlusDays(-1),
        (Observance.NearestWeekday or Observance.SundayToMonday, IsoDayOfWeek.Sunday) => date.PlusDays(1),
        _ => date,
    };
}
