using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Urdb;

/// <summary>12 x 24 matrices into rules: months with equal rows share theirs.</summary>
internal sealed partial class UrdbReader
{
    private Schedule? Matrices(string id, string weekdayName, string weekendName, JsonMember? structure)
    {
        var weekday = rate.Member(weekdayName) ?? rate.Member(weekendName);
        var weekend = rate.Member(weekendName) ?? weekday;
        if (weekday is null)
        {
            return null;
        }

        if (structure is null)
        {
            problems.Refuse(ErrorClass.SemanticReference, weekday.Pointer, $"the schedule points into {id}ratestructure, which is not there; add it");
            return null;
        }

        var periods = structure.Items().Length;
        var (days, ends) = (Rows(weekday, periods), Rows(weekend!, periods));
        if (problems.Any)
        {
            return null;
        }

        var rules = days.SequenceEqual(ends, RowComparer.Instance)
            ? Rules(days, [])
            : Rules(days, ["weekday"]).Concat(Rules(ends, ["weekend"]));
        return AddSchedule(new Schedule { Id = id, Rules = [.. rules] });
    }

    private int[][] Rows(JsonMember matrix, int periods)
    {
        var rows = ReadMonths(matrix).Select(month =>
        {
            var hours = month.Items();
            if (hours.Length != 24)
            {
                problems.Refuse(ErrorClass.SchemaInvalid, month.Pointer, $"{hours.Length} hours; a day of the schedule has 24 (days of 23 and 25 hours come from the time zone)");
            }

            return hours.Select(hour => Index(hour, periods)).ToArray();
        });
        return [.. rows];
    }

    private int Index(JsonMember entry, int periods)
    {
        var index = entry.Integer();
        if (index >= 0 && index < periods)
        {
            return index;
        }

        problems.Refuse(ErrorClass.SemanticReference, entry.Pointer, $"period {index} is not among the {periods} of the rate structure (numbers start at 0)");
        return 0;
    }

    private static IEnumerable<ScheduleRule> Rules(int[][] rows, ImmutableArray<string> dayTypes) =>
        from same in rows.Select((row, month) => (Row: row, Month: month + 1)).GroupBy(r => r.Row, r => r.Month, RowComparer.Instance)
        let months = same.Count() == 12 ? ImmutableArray<int>.Empty : [.. same]
        from stretch in Stretches(same.Key)
        select new ScheduleRule
        {
            Period = Text(stretch.Period),
            Months = months,
            DayTypes = dayTypes,
            From = new DayTime(stretch.From * 60),
            Until = new DayTime(stretch.Until * 60),
        };

    private static IEnumerable<(int From, int Until, int Period)> Stretches(int[] row)
    {
        for (var hour = 0; hour < row.Length;)
        {
            var end = hour;
            while (end < row.Length && row[end] == row[hour])
            {
                end++;
            }

            yield return (hour, end, row[hour]);
            hour = end;
        }
    }

    private Schedule? Months(JsonMember structure)
    {
        var months = rate.Member("flatdemandmonths") is { } all ? ReadMonths(all) : ByMonth("flatdemandmonth");
        if (months.IsEmpty)
        {
            return null;
        }

        var periods = structure.Items().Length;
        var indices = months.Select(m => Index(m, periods)).ToArray();
        return problems.Any ? null : Monthly("flat-demand", indices);
    }

    /// <summary>The twelve members of older records (name1 to name12); empty where there is none.</summary>
    private ImmutableArray<JsonMember> ByMonth(string name)
    {
        ImmutableArray<JsonMember> months = [.. Enumerable.Range(1, 12).Select(m => rate.Member(name + Text(m))).OfType<JsonMember>()];
        if (months.Length is not (0 or 12))
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{rate.Pointer}/{name}1", $"{months.Length} of {name}1 to {name}12; give all twelve");
        }

        return months;
    }

    private Schedule Monthly(string id, int[] indices)
    {
        var rules = indices.Select((period, month) => (period, month)).GroupBy(p => p.period, p => p.month + 1)
            .Select(same => new ScheduleRule { Period = Text(same.Key), Months = same.Count() == 12 ? [] : [.. same] });
        return AddSchedule(new Schedule { Id = id, Rules = [.. rules] });
    }

    private Schedule AddSchedule(Schedule schedule)
    {
        schedules.Add(schedule);
        return schedule;
    }

    /// <summary>Without a schedule only one period can be meant.</summary>
    private bool Single(Schedule? schedule, int periods, JsonMember structure)
    {
        if (schedule is not null || periods == 1 || problems.Any)
        {
            return true;
        }

        problems.Refuse(ErrorClass.SemanticReference, structure.Pointer, $"{periods} periods but no schedule that says when each holds; add it");
        return false;
    }

    private static ImmutableArray<int> Used(Schedule? schedule, int periods) =>
        [.. Enumerable.Range(0, periods).Where(p => schedule is null || schedule.Rules.Any(r => r.Period == Text(p)))];

    private static string Name(Schedule? schedule, int period) => schedule is null ? "all" : Text(period);

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private sealed class RowComparer : IEqualityComparer<int[]>
    {
        public static RowComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x is not null && y is not null && x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] row)
        {
            var hash = new HashCode();
            foreach (var period in row)
            {
                hash.Add(period);
            }

            return hash.ToHashCode();
        }
    }
}
