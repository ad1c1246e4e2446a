using System.Globalization;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Enrollments;

/// <summary>A nomination that a delivery period wants.</summary>
/// <param name="DeliveryPeriod"><c>2027-07</c> or, per season, the year it starts in.</param>
/// <param name="Start">First day of delivery.</param>
/// <param name="Deadline">Last moment, in the program's zone.</param>
/// <param name="Existing">What there is; null = nothing yet.</param>
public sealed record NominationDue(string DeliveryPeriod, LocalDate Start, Instant Deadline, Nomination? Existing)
{
    /// <summary>Handed in; a draft counts for nothing, and a rejected one must be made anew.</summary>
    public bool IsDone => Existing is { State: NominationState.Submitted or NominationState.Accepted };
}

/// <summary>Which nominations are due, and drafts of them.</summary>
public static class NominationCalendar
{
    /// <summary>How far ahead is looked, beyond the deadline's own days.</summary>
    private const int DaysAhead = 31;

    /// <summary>Of the enrollment's periods that are not over: those whose deadline is within a month or past, and before the enrollment begins its first one; in order. Per event, or without nominations: none.</summary>
    public static IReadOnlyList<NominationDue> Due(Enrollment enrollment, ProgramTemplate template, IEnumerable<Nomination> nominations, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(template);
        var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
        var today = now.InZone(zone).Date;
        var first = enrollment.Period.From > today ? enrollment.Period.From : today;
        var mine = nominations.Where(n => n.EnrollmentId == enrollment.Id).ToLookup(n => n.DeliveryPeriod, StringComparer.Ordinal);
        return [.. Periods(template, first, enrollment.Period.From)
            .Where(p => enrollment.Period.Contains(p.Start))
            .Select(p => new NominationDue(p.Name, p.Start, Deadline(template, p.Start, zone), mine[p.Name].MaxBy(n => n.Updated.At)))
            .Where((due, i) => due.Deadline - now <= Duration.FromDays(DaysAhead) || (i == 0 && enrollment.Period.From > today))];
    }

    /// <summary>The nomination that holds for an event: its own, else its month's, else its season's, by the day on which it begins in the program's zone. A draft or a rejected one counts for nothing.</summary>
    /// <param name="template">Of the enrollment.</param>
    /// <param name="nominations">Of the enrollment.</param>
    /// <param name="source">As <see cref="Event.Source"/>; what stands after its first slash is the event's id.</param>
    /// <param name="from">The event's start.</param>
    /// <returns>Null: none was handed in for it. One of another period says nothing about this one.</returns>
    public static Nomination? For(ProgramTemplate template, IEnumerable<Nomination> nominations, string source, Instant from)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(source);
        var day = from.InZone(DateTimeZoneProviders.Tzdb[template.TimeZone]).Date;
        var handedIn = nominations.Where(n => n.State is NominationState.Submitted or NominationState.Accepted).ToLookup(n => n.DeliveryPeriod, StringComparer.Ordinal);
        string[] periods = [source[(source.IndexOf('/', StringComparison.Ordinal) + 1)..], YearMonthPattern.Iso.Format(day.ToYearMonth()), .. GetSeasonNames(template, day)];
        return periods.Select(period => handedIn[period].MaxBy(n => n.Updated.At)).FirstOrDefault(n => n is not null);
    }

    /// <summary>A draft with the last period's values, which counts for nothing until a person hands it in.</summary>
    /// <param name="due">For which period.</param>
    /// <param name="last">The period before; null = nothing to copy.</param>
    /// <param name="id">A new ULID.</param>
    /// <param name="stamp">Who and when.</param>
    public static Nomination? Prefill(NominationDue due, Nomination? last, string id, Stamp stamp)
    {
        ArgumentNullException.ThrowIfNull(due);
        return last is null
            ? null
            : last with { Id = id, Created = stamp, Updated = stamp, Version = 1, DeliveryPeriod = due.DeliveryPeriod, Deadline = due.Deadline, State = NominationState.Draft, Prefilled = true };
    }

    /// <summary>Hands a draft in.</summary>
    /// <returns>The submitted nomination, or null and why not.</returns>
    public static Nomination? Submit(Nomination nomination, ProgramTemplate template, Stamp stamp, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(nomination);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(stamp);
        refusal = nomination switch
        {
            { State: not NominationState.Draft } => "it is handed in already",
            _ when stamp.At > nomination.Deadline => "the deadline is past; ask the utility",
            { Kw: <= 0 } => "the power must be above 0 kW",
            _ when template.Limits is { MinKw: { } least, MinKwOfPortfolio: false } && nomination.Kw < least.Value => string.Create(CultureInfo.InvariantCulture, $"at least {least.Value} kW must be offered"),
            _ when template.Nomination.Products.Count > 0 && !template.Nomination.Products.Contains(nomination.Product ?? string.Empty) => $"the product must be one of {string.Join(", ", template.Nomination.Products)}",
            _ => null,
        };
        return refusal is null ? nomination with { State = NominationState.Submitted, Prefilled = false, Updated = stamp, Version = nomination.Version + 1 } : null;
    }

    /// <summary>The last moment for a delivery that starts on this day.</summary>
    public static Instant Deadline(ProgramTemplate template, LocalDate start, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(template);
        return zone.AtLeniently(start.PlusDays(-(template.Nomination.DueDaysBefore?.Value ?? 0)) + template.Nomination.DueAt).ToInstant();
    }

    /// <summary>The first day of a delivery period by its name (<c>2027-07</c>, <c>2027</c>, <c>2027-summer</c>); null = an event's id, or no season of the program.</summary>
    public static LocalDate? FindStart(ProgramTemplate template, string deliveryPeriod)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(deliveryPeriod);
        if (YearMonthPattern.Iso.Parse(deliveryPeriod) is { Success: true } month)
        {
            return month.Value.OnDayOfMonth(1);
        }

        var year = deliveryPeriod.Split('-', 2)[0];
        return year.Length == 4 && int.TryParse(year, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? template.Calendar.Seasons.Select(s => (LocalDate?)s.From.InYear(number)).FirstOrDefault(start => GetSeasonName(template, start!.Value) == deliveryPeriod)
            : null;
    }

    /// <summary>Who joins in the middle of a season delivers from that day on; who joins in the middle of a month, from the next one on.</summary>
    private static IEnumerable<(string Name, LocalDate Start)> Periods(ProgramTemplate template, LocalDate first, LocalDate joined)
    {
        switch (template.Nomination.Rule)
        {
            case NominationRule.PerSeason when template.Calendar.SeasonStart(first) is { } start:
                // The next season's deadline may be in this one.
                var next = template.Calendar.Seasons.Min(s => s.NextStart((start > first ? start : first).PlusDays(1)));
                yield return (GetSeasonName(template, start), start > joined ? start : joined);
                yield return (GetSeasonName(template, next), next);
                break;
            case NominationRule.PerMonth:
                for (var month = new YearMonth(first.Year, first.Month); month < new YearMonth(first.Year, first.Month).PlusMonths(3); month = month.PlusMonths(1))
                {
                    var start = month.OnDayOfMonth(1);
                    if (start >= first && (template.Calendar.Seasons.Count == 0 || template.Calendar.Seasons.Any(s => s.Contains(start))))
                    {
                        yield return ($"{month:yyyy-MM}", start);
                    }
                }

                break;
            default:
                break;
        }
    }

    /// <summary>The names of the seasons that a day is in; without a season of its own name it is the calendar year.</summary>
    private static IEnumerable<string> GetSeasonNames(ProgramTemplate template, LocalDate day)
    {
        var names = template.Calendar.Seasons.Where(s => s.Contains(day)).Select(s => GetSeasonName(template, s.StartOnOrBefore(day)!.Value));
        return template.Calendar.Seasons.Count == 1 ? names : names.Append(day.Year.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A year with several seasons needs their names.</summary>
    private static string GetSeasonName(ProgramTemplate template, LocalDate start) => start.Year.ToString(CultureInfo.InvariantCulture)
        + (template.Calendar.Seasons.Count == 1 ? string.Empty : $"-{template.Calendar.Seasons.First(s => s.From.InYear(start.Year) == start).Name}");
}
