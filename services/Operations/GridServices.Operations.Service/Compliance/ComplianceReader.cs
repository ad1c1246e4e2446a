using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Compliance;

/// <summary>Gathers what a report is made of: the hub's receipts and readings, the meter's intervals and the baseline of Tariffs. What can't be had is missing, and the report says so.</summary>
internal sealed class ComplianceReader(
    SiteStore sites, EnrollmentStore enrollments, MeterPointStore meters, ProgramStore programs, LimitRecorder limits, ServiceCalls calls, IEnvelopeHubApi hub, BaselineReader baselines, IClock clock)
{
    private static readonly Duration Before = Duration.FromHours(1);

    /// <summary>Null: the site is not known here, or is in no program.</summary>
    internal async Task<ComplianceReport?> ReadAsync(HeldEvent held, string siteId, CancellationToken ct) => (await WithTermsAsync(held, siteId, ct))?.Report;

    /// <summary>The same, with the terms that it was judged by.</summary>
    internal async Task<(ComplianceReport Report, ComplianceTerms Terms)?> WithTermsAsync(HeldEvent held, string siteId, CancellationToken ct)
    {
        var (e, now) = (held.Event, clock.GetCurrentInstant());
        var inEvent = e.Site(siteId);
        var site = await sites.FindBySiteIdAsync(e.Tenant, siteId, ct);
        var enrollment = inEvent?.EnrollmentId is { } id ? await enrollments.FindAsync(e.Tenant, id, ct) : null;
        var template = enrollment is null ? null : await programs.FindAsync(e.Tenant, enrollment.Template.Code, enrollment.Template.Version, ct);
        if (inEvent is null || site is null || enrollment is null || template is null)
        {
            return null;
        }

        var points = (await meters.ListBySiteAsync(e.Tenant, siteId, ct)).Where(m => enrollment.MeterPointIds.Contains(m.Id)).ToList();
        var meter = points.Find(m => m.MeterAtTariffs is not null);
        var until = e.Over is { } over ? Instant.Min(over, now) : now;
        var zone = DateTimeZoneProviders.Tzdb[site.TimeZone];
        var receipts = await ReceiptsAsync(e.Tenant, siteId, inEvent.From - Before, until, ct);
        var measured = meter is null ? new BaselineAnswer([], []) : await baselines.ReadAsync(e, siteId, template, enrollment.Answers, zone, meter, inEvent.From, until, now, ct);
        var terms = ComplianceTerms.From(template, inEvent.NominatedKw, inEvent.FirmServiceLevelKw, meter?.IntervalMinutes);
        var input = new ComplianceInput
        {
            Event = e,
            SiteId = siteId,
            SiteName = site.Name,
            Zone = zone,
            Terms = terms,
            BaselineRule = template.Baseline?.Source,
            BaselineUsed = measured.Rule,
            BaselineFallback = measured.Fallback,
            Baseline = measured.Baseline,
            Meter = measured.Meter,
            IsMeterUnknown = measured.IsUnknown,
            Readings = await ReadingsAsync(e.Tenant, siteId, inEvent.From - Before, until, ct),
            Receipts = receipts,
            Limits = LimitTimeline.Compute(await limits.ListAsync(e.Tenant, siteId, inEvent.From, until, ct), inEvent.From, Instant.Max(until, inEvent.From), now),
            Delivery = new LimitDelivery(inEvent.ToldAt, null, receipts.Where(r => r.At >= inEvent.ToldAt).Select(r => (Instant?)r.At).FirstOrDefault()),
            Now = now,
        };
        return (ComplianceCalculator.Report(input), terms);
    }

    private async Task<IReadOnlyList<Reading>> ReadingsAsync(string tenant, string siteId, Instant from, Instant until, CancellationToken ct)
    {
        var reply = await calls.ListAsync<SiteReadings, ReceivedReading>(
            ServiceName.EnvelopeHub, tenant, (token, after) => hub.ListReadingsAsync(token, siteId, Text(from), Text(until), after, ct), page => (page.Items, page.Next), ct);
        return reply.IsDone ? [.. reply.Value!.Select(r => r.Reading)] : [];
    }

    private async Task<IReadOnlyList<Receipt>> ReceiptsAsync(string tenant, string siteId, Instant from, Instant until, CancellationToken ct)
    {
        var reply = await calls.ListAsync<SiteReceipts, ReceivedReceipt>(
            ServiceName.EnvelopeHub, tenant, (token, after) => hub.ListReceiptsAsync(token, siteId, Text(from), Text(until), after, ct), page => (page.Items, page.Next), ct);
        return reply.IsDone ? [.. reply.Value!.Select(r => r.Receipt)] : [];
    }

    private static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);
}
