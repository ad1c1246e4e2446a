using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>How near a date is: amber from 14 days before, red from 3 days before.</summary>
public enum Urgency
{
    None,
    Amber,
    Red,

    /// <summary>The date is past.</summary>
    Overdue,
}

/// <summary>When applications and actions are due.</summary>
public static class Deadlines
{
    private static readonly Duration Amber = Duration.FromDays(14);
    private static readonly Duration Red = Duration.FromDays(3);

    public static Urgency GetUrgency(Instant? due, Instant now) => due switch
    {
        null => Urgency.None,
        { } at when at <= now => Urgency.Overdue,
        { } at when at - now <= Red => Urgency.Red,
        { } at when at - now <= Amber => Urgency.Amber,
        _ => Urgency.None,
    };

    /// <summary>The end of the utility's last day for applications that start with the period, in the utility's zone; without such days the start of the period.</summary>
    public static Instant Application(ProgramTemplate template, DatePeriod period)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(period);
        var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
        if (template.EnrollmentDeadlines.Count == 0)
        {
            return zone.AtStartOfDay(period.From).ToInstant();
        }

        var starts = from year in new[] { period.From.Year - 1, period.From.Year, period.From.Year + 1 }
                     from deadline in template.EnrollmentDeadlines
                     let start = deadline.Start.InYear(year)
                     orderby start
                     select (Start: start, By: deadline.By.InYear(deadline.By <= deadline.Start ? year : year - 1));
        var chosen = InSeason(template, period.From)
            ? starts.Last(s => s.Start <= period.From)
            : starts.First(s => s.Start >= period.From);
        return zone.AtStartOfDay(chosen.By.PlusDays(1)).ToInstant();
    }

    private static bool InSeason(ProgramTemplate template, LocalDate day) => template.Calendar.Seasons.Any(s => s.Contains(day));
}
