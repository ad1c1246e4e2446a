using System.Text.Json.Serialization;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>How sites did in a month.</summary>
/// <param name="Month">By each site's clock.</param>
/// <param name="Total">All of them together.</param>
/// <param name="Months">Site by site and program by program.</param>
/// <param name="WithoutReport">Events at sites that have begun and have no report yet: they are in no sum.</param>
public sealed record MonthlyCompliance(YearMonth Month, ComplianceTotal Total, IReadOnlyList<ComplianceMonth> Months, IReadOnlyList<EventAtSite> WithoutReport)
{
    /// <summary>What the sums are of.</summary>
    [JsonIgnore]
    internal IReadOnlyList<(string EventId, ComplianceReport Report)> Reports { get; init; } = [];
}

/// <summary>An event at one of its sites.</summary>
/// <param name="EventId">Its id here.</param>
/// <param name="SiteId">Which site.</param>
/// <param name="From">When it began there.</param>
public sealed record EventAtSite(string EventId, string SiteId, Instant From);

/// <summary>Adds a month's reports up.</summary>
internal sealed class MonthlyComplianceReader(ComplianceStore reports, EventStore events, SiteStore sites, IClock clock)
{
    // A month of any zone lies within these of the month in UTC.
    private static readonly Duration Margin = Duration.FromHours(36);
    private const int PageSize = 1_000;

    /// <param name="tenant">Whose.</param>
    /// <param name="month">In which the events begin.</param>
    /// <param name="isShown">Whether a site is.</param>
    /// <param name="program">One program's code; null = all.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task<MonthlyCompliance> ReadAsync(string tenant, YearMonth month, Func<string, bool> isShown, string? program, CancellationToken ct)
    {
        var (from, until) = (month.OnDayOfMonth(1).AtMidnight().InUtc().ToInstant() - Margin, month.PlusMonths(1).OnDayOfMonth(1).AtMidnight().InUtc().ToInstant() + Margin);
        var found = (await reports.ListBySpanAsync(tenant, from, until, ct))
            .Where(r => isShown(r.Report.Head.SiteId) && (program is null || r.Report.Head.ProgramCode == program) && GetMonth(r.Report.Head.From, DateTimeZoneProviders.Tzdb[r.Report.Head.Zone]) == month).ToList();
        var reported = found.Select(r => (r.EventId, r.Report.Head.SiteId)).ToHashSet();
        ComplianceReport[] all = [.. found.Select(r => r.Report)];
        var without = await WithoutReportAsync(tenant, month, (from, until), s => isShown(s.SiteId), reported, program, ct);
        return new MonthlyCompliance(month, ComplianceTotal.Compute(all), ComplianceMonth.Group(all), without) { Reports = found };
    }

    private async Task<IReadOnlyList<EventAtSite>> WithoutReportAsync(
        string tenant, YearMonth month, (Instant From, Instant Until) span, Func<EventSite, bool> isShown, HashSet<(string, string)> reported, string? program, CancellationToken ct)
    {
        var (now, found) = (clock.GetCurrentInstant(), new List<EventAtSite>());
        (long, string)? after = null;
        do
        {
            var page = await events.PageAsync(tenant, new EventQuery(PageSize) { From = span.From, Until = Instant.Min(span.Until, now), Program = program, After = after }, ct);
            var open = page.Items.SelectMany(held => held.Event.Sites.Where(s => s.EnrollmentId is not null && s.From <= now && isShown(s) && !reported.Contains((held.Id, s.SiteId)))
                .Select(s => new EventAtSite(held.Id, s.SiteId, s.From))).ToList();
            var places = await sites.PlacesAsync(tenant, open.Select(at => at.SiteId), ct);
            found.AddRange(open.Where(at => places.GetValueOrDefault(at.SiteId) is { } place && DateTimeZoneProviders.Tzdb.GetZoneOrNull(place.TimeZone) is { } zone && GetMonth(at.From, zone) == month));

            after = page.Next is null ? null : (page.Items[^1].Event.From.ToUnixTimeTicks(), page.Items[^1].Id);
        }
        while (after is not null);
        return found;
    }

    private static YearMonth GetMonth(Instant at, DateTimeZone zone) => at.InZone(zone).Date.ToYearMonth();
}
