using System.Globalization;
using NodaTime;

namespace GridServices.Operations;

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

    /// <summary>Of the enrollment's periods that are not over and whose deadline is within a month, or past while the period has not begun; in order. Per event, or without nominations: none.</summary>
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
            .Where(due => due.Deadline - now <= Duration.FromDays(DaysAhead) || enrollment.Period.From > today)];
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

    /// <summary>Who joins in the middle of a season delivers from that day on; who joins in the middle of a month, from the next one on.</summary>
    private static IEnumerable<(string Name, LocalDate Start)> Periods(ProgramTemplate template, LocalDate first, LocalDate joined)
    {
        switch (template.Nomination.Rule)
        {
            case NominationRule.PerSeason when template.Calendar.SeasonStart(first) is { } start:
                yield return (start.Year.ToString(CultureInfo.InvariantCulture) + SeasonName(template, start), start > joined ? start : joined);
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

    /// <summary>A year with several seasons needs their names.</summary>
    private static string SeasonName(ProgramTemplate template, LocalDate start) =>
        template.Calendar.Seasons.Count == 1 ? string.Empty : $"-{template.Calendar.Seasons.First(s => s.From.InYear(start.Year) == start).Name}";
}
