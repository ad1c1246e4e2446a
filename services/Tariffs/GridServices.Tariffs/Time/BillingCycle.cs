using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>Local days [<see cref="From"/>, <see cref="Until"/>) that are billed together.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BillingCycle(LocalDate From, LocalDate Until)
{
    private const int LastDayOfFirstHalf = 15;

    public int Days => Period.DaysBetween(From, Until);

    /// <summary>
    /// The month the cycle is known by: of a month between two readings on one day, the month it begins in (days 1 to 15) or ends in (16 to 31), so that
    /// each month is one cycle's; of any other cycle, that of its middle day.
    /// </summary>
    public YearMonth Month => Until != From.PlusMonths(1) ? From.PlusDays(Days / 2).ToYearMonth()
        : (From.Day <= LastDayOfFirstHalf ? From : Until.With(DateAdjusters.StartOfMonth)).ToYearMonth();

    /// <summary>
    /// How many monthly prices are due: 1 from a day to the same day of the next month and for anything of 25 to 35 days,
    /// otherwise each calendar month's share of days.
    /// </summary>
    public decimal Months
    {
        get
        {
            return Until == From.PlusMonths(1) || Days is >= 25 and <= 35 ? 1 : CalendarMonthShares;
        }
    }

    /// <summary>Each calendar month's share of days.</summary>
    internal decimal CalendarMonthShares
    {
        get
        {
            var months = 0m;
            for (var day = From; day < Until;)
            {
                var next = LocalDate.Min(day.With(DateAdjusters.StartOfMonth).PlusMonths(1), Until);
                months += (decimal)Period.DaysBetween(day, next) / day.Calendar.GetDaysInMonth(day.Year, day.Month);
                day = next;
            }

            return months;
        }
    }

    /// <summary>The calendar months that [from, until) touches, clipped to it.</summary>
    public static ImmutableArray<BillingCycle> CalendarMonths(LocalDate from, LocalDate until)
    {
        var cycles = ImmutableArray.CreateBuilder<BillingCycle>();
        for (var day = from; day < until;)
        {
            var next = LocalDate.Min(day.With(DateAdjusters.StartOfMonth).PlusMonths(1), until);
            cycles.Add(new BillingCycle(day, next));
            day = next;
        }

        return cycles.ToImmutable();
    }

    /// <summary>The cycle that a day lies in when meters are read on a day of each month (1..28).</summary>
    public static BillingCycle Containing(LocalDate date, int readingDay)
    {
        var start = new LocalDate(date.Year, date.Month, readingDay);
        start = start > date ? start.PlusMonths(-1) : start;
        return new BillingCycle(start, start.PlusMonths(1));
    }

    /// <summary>The twelve months of a year.</summary>
    public static ImmutableArray<BillingCycle> Year(int year) => CalendarMonths(new LocalDate(year, 1, 1), new LocalDate(year + 1, 1, 1));
}

/// <summary>Something called for [<see cref="From"/>, <see cref="Until"/>): a critical-peak event, a system peak.</summary>
public sealed record CalledEvent(string Kind, Instant From, Instant Until);
