using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>
/// A schedule ready for lookup. A day's slots depend only on its month, seasons and day types, so each such combination
/// is laid out once and shared by all its days.
/// </summary>
public sealed class CompiledSchedule
{
    private readonly ImmutableArray<Rule> rules;
    private readonly ImmutableArray<Season> seasons;
    private readonly ImmutableArray<DayType> dayTypes;
    private readonly HolidayCalendar holidays;
    private readonly ConcurrentDictionary<(int Month, ulong Seasons, ulong DayTypes), ImmutableArray<DaySlot>> patterns = new();
    private readonly ConcurrentDictionary<(int Month, ulong Seasons), ImmutableHashSet<int>> inSeason = new();

    internal CompiledSchedule(Tariff tariff, Schedule schedule, HolidayCalendar holidays)
    {
        Id = schedule.Id;
        this.holidays = holidays;
        seasons = tariff.Seasons;
        dayTypes = tariff.DayTypes;
        Periods = [.. schedule.Rules.Select(rule => rule.Period).Distinct(StringComparer.Ordinal)];
        rules = [.. schedule.Rules.Select(Compile)];
    }

    public string Id { get; }

    /// <summary>The names of the periods; a slot's number is its place here.</summary>
    public ImmutableArray<string> Periods { get; }

    /// <summary>Kinds of called events that this schedule knows.</summary>
    public IEnumerable<string> Events => rules.Select(rule => rule.Event).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>The slots of a local day in order, without gaps, in minutes of the clock face; period -1 where no rule matches.</summary>
    public ImmutableArray<DaySlot> GetSlots(LocalDate date) => patterns.GetOrAdd(GetKey(date), static (key, self) => self.LayOut(key), this);

    /// <summary>The period's number at a wall clock time, -1 where no rule matches.</summary>
    public int PeriodAt(LocalDateTime local)
    {
        var minute = local.Hour * 60 + local.Minute;
        var slots = GetSlots(local.Date);
        var at = 0;
        while (slots[at].Until <= minute)
        {
            at++;
        }

        return slots[at].Period;
    }

    /// <summary>The period during a called event, or null when no rule names it on this day.</summary>
    internal int? PeriodInEvent(string kind, LocalDate date)
    {
        var key = GetKey(date);
        foreach (var rule in rules)
        {
            if (string.Equals(rule.Event, kind, StringComparison.Ordinal) && rule.AppliesOn(key))
            {
                return rule.Period;
            }
        }

        return null;
    }

    /// <summary>Numbers of the periods that hold on some kind of day, or in an event, while the month and seasons are those of the date.</summary>
    internal ImmutableHashSet<int> GetSeasonPeriods(LocalDate date) => inSeason.GetOrAdd((date.Month, SeasonBits(date)), static (key, self) =>
    [
        .. self.AllDayTypeBits().SelectMany(types => self.LayOut((key.Month, key.Seasons, types.Bits))).Select(slot => slot.Period),
        .. self.rules.Where(rule => rule.Event is not null && rule.AppliesOn((key.Month, key.Seasons, ulong.MaxValue))).Select(rule => rule.Period),
    ], this);

    /// <summary>The first kind of day that leaves a moment without a period, in words; null when all time is covered.</summary>
    internal string? FirstGap()
    {
        var seen = new HashSet<(int, ulong)>();
        for (var date = new LocalDate(2024, 1, 1); date.Year == 2024; date = date.PlusDays(1))
        {
            var inSeasons = SeasonBits(date);
            if (!seen.Add((date.Month, inSeasons)))
            {
                continue;
            }

            foreach (var types in AllDayTypeBits())
            {
                var gap = LayOut((date.Month, inSeasons, types.Bits)).FirstOrDefault(slot => slot.Period < 0);
                if (gap != default)
                {
                    return $"{new DayTime(gap.From)} on a {types.Name} like {date:MM-dd}";
                }
            }
        }

        return null;
    }

    private IEnumerable<(ulong Bits, string Name)> AllDayTypeBits()
    {
        for (var day = IsoDayOfWeek.Monday; day <= IsoDayOfWeek.Sunday; day++)
        {
            yield return (DayTypeBits(day, holiday: false), day.ToString());
            yield return (DayTypeBits(day, holiday: true), $"{day} holiday");
        }
    }

    private (int Month, ulong Seasons, ulong DayTypes) GetKey(LocalDate date) =>
        (date.Month, SeasonBits(date), dayTypes.IsEmpty ? 0 : DayTypeBits(date.DayOfWeek, holidays.IsHoliday(date)));

    private ulong SeasonBits(LocalDate date)
    {
        var bits = 0UL;
        for (var i = 0; i < seasons.Length; i++)
        {
            bits |= seasons[i].Ranges.Any(range => Contains(range, date)) ? 1UL << i : 0;
        }

        return bits;
    }

    private static bool Contains(YearRange range, LocalDate date)
    {
        var (day, from, until) = (date.Month * 32 + date.Day, range.From.Month * 32 + range.From.Day, range.Until.Month * 32 + range.Until.Day);
        return from < until ? day >= from && day < until : day >= from || day < until;
    }

    private ulong DayTypeBits(IsoDayOfWeek weekday, bool holiday)
    {
        var bits = 0UL;
        for (var i = 0; i < dayTypes.Length; i++)
        {
            var type = dayTypes[i];
            var holds = type.Holidays switch
            {
                HolidayRule.Exclude => type.Days.Contains(weekday) && !holiday,
                HolidayRule.Include => type.Days.Contains(weekday) || holiday,
                _ => type.Days.Contains(weekday),
            };
            bits |= holds ? 1UL << i : 0;
        }

        return bits;
    }

    private Rule Compile(ScheduleRule rule) => new(
        Periods.IndexOf(rule.Period, 0, StringComparer.Ordinal),
        rule.Months.Aggregate(0, (mask, month) => mask | 1 << month),
        Bits(rule.Seasons, [.. seasons.Select(s => s.Id)]),
        Bits(rule.DayTypes, [.. dayTypes.Select(d => d.Id)]),
        rule.From.Minutes,
        rule.Until.Minutes,
        rule.Event);

    private static ulong Bits(ImmutableArray<string> names, ImmutableArray<string> all) =>
        names.Aggregate(0UL, (bits, name) => bits | 1UL << all.IndexOf(name, 0, StringComparer.Ordinal));

    private ImmutableArray<DaySlot> LayOut((int Month, ulong Seasons, ulong DayTypes) key)
    {
        var live = rules.Where(rule => rule.Event is null && rule.AppliesOn(key)).ToArray();
        var edges = live.SelectMany(rule => new[] { rule.From, rule.Until }).Concat([0, 1440]).Distinct().Order().ToArray();
        var slots = ImmutableArray.CreateBuilder<DaySlot>(edges.Length);
        for (var i = 0; i + 1 < edges.Length; i++)
        {
            var rule = Array.Find(live, candidate => candidate.AppliesAt(edges[i]));
            var period = rule?.Period ?? -1;
            if (slots.Count > 0 && slots[^1].Period == period)
            {
                slots[^1] = slots[^1] with { Until = edges[i + 1] };
            }
            else
            {
                slots.Add(new DaySlot(edges[i], edges[i + 1], period));
            }
        }

        return slots.ToImmutable();
    }

    private sealed record Rule(int Period, int Months, ulong Seasons, ulong DayTypes, int From, int Until, string? Event)
    {
        public bool AppliesOn((int Month, ulong Seasons, ulong DayTypes) day) =>
            (Months == 0 || (Months & 1 << day.Month) != 0) && (Seasons == 0 || (Seasons & day.Seasons) != 0) && (DayTypes == 0 || (DayTypes & day.DayTypes) != 0);

        public bool AppliesAt(int minute) => From < Until ? minute >= From && minute < Until : minute >= From || minute < Until;
    }
}

/// <summary>Minutes [<see cref="From"/>, <see cref="Until"/>) of the clock face in one period.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DaySlot(int From, int Until, int Period);
