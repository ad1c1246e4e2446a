using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>Settles events: site, meter, window, baseline and payment come from the event and the enrollment, nothing is typed.</summary>
internal sealed class Settlements(
    SiteStore sites, EnrollmentStore enrollments, NominationStore nominations, MeterPointStore meters, ProgramStore programs, EventStore events, SettlementStore settlements, MeterReadings readings, ServiceCalls calls, ITariffsApi tariffs, IClock clock)
{
    /// <summary>What settling now gives; it is not stored. The last one again where nothing is different.</summary>
    /// <exception cref="ProblemException">409 with the reasons: it can't be settled. 503: the Tariffs service can't be asked.</exception>
    internal async Task<Settlement> CalculateAsync(HeldEvent held, string siteId, CancellationToken ct)
    {
        var (e, now) = (held.Event, clock.GetCurrentInstant());
        var (input, quality, meter) = await InputAsync(e, siteId, now, ct);
        var request = SettlementRequest.Create(input);
        if (request.Json is null)
        {
            throw new ProblemException(ErrorClass.Conflict, $"It can't be settled: {string.Join("; ", request.Problems)}.");
        }

        var last = await settlements.ListByEventAsync(e.Tenant, held.Id, siteId, ct) is [var newest, ..] ? newest : null;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Json)));
        var answer = TariffsJson.Read<SettledAnswer>((await calls.CallAsync(ServiceName.Tariffs, e.Tenant, token => tariffs.SettleAsync(token, Body(request.Json, last?.Total), ct), ct)).Require());
        var made = SettledAnswer.ToSettlement(answer, held.Id, input, quality, meter, hash, last?.Total);

        // Temperatures are in Tariffs, not in the request: with them the same request may have another answer.
        return last is not null && IsSame(last, made) ? last : made with { Number = (last?.Number ?? 0) + 1 };
    }

    /// <summary>Keeps it; the same one again is kept once, and is not new.</summary>
    /// <exception cref="ProblemException">409: it was settled by somebody else in between, with another outcome; what is due would be counted twice.</exception>
    internal static async Task<(Settlement Saved, bool IsNew)> SaveAsync(AuditedTransaction transaction, Settlement made)
    {
        if (made.Id.Length > 0)
        {
            return (made, false);
        }

        // The readings and the answer of Tariffs took their time outside the transaction: a second click or person may have been faster.
        if (await SettlementStore.FindLastAsync(transaction, made.EventId, made.SiteId) is { } newest && newest.Number >= made.Number)
        {
            return IsSame(newest, made)
                ? (newest, false)
                : throw new ProblemException(ErrorClass.Conflict, $"'{newest.MadeBy}' has settled it in between, with another outcome. Look at that one, and settle again.");
        }

        var saved = await SettlementStore.AddAsync(transaction, made);
        await transaction.AuditAsync("settlement", saved.Id, EnumNames<ReportStatus>.GetName(saved.Status), null, StoredJson.Write(new { saved.EventId, saved.Number, saved.Total, saved.Delta, saved.Currency, saved.RequestHash }), siteId: saved.SiteId);
        return (saved, true);
    }

    private static bool IsSame(Settlement last, Settlement made) =>
        last.RequestHash == made.RequestHash && last.Status == made.Status && last.Total == made.Total && last.BaselineRule == made.BaselineRule;

    private async Task<(SettlementInput Input, DataQuality Quality, MeterPoint Meter)> InputAsync(Event e, string siteId, Instant now, CancellationToken ct)
    {
        var inEvent = e.Site(siteId) ?? throw Cannot("the site is not in the event");
        var site = await sites.FindBySiteIdAsync(e.Tenant, siteId, ct) ?? throw Cannot("the site is not known here");
        var enrollment = inEvent.EnrollmentId is { } id ? await enrollments.FindAsync(e.Tenant, id, ct) : null;
        var template = enrollment is null ? null : await programs.FindAsync(e.Tenant, enrollment.Template.Code, enrollment.Template.Version, ct);
        if (enrollment is null || template is null)
        {
            throw Cannot("the site is in no enrollment that the event belongs to: there are no terms to settle by");
        }

        var meter = (await meters.ListBySiteAsync(e.Tenant, siteId, ct)).FirstOrDefault(m => enrollment.MeterPointIds.Contains(m.Id) && BillReader.FindKey(m) is not null)
            ?? throw Cannot("no meter point of the enrollment is linked to a meter at the Tariffs service");
        var until = e.CancelledAt is { } cancelled && !(cancelled >= inEvent.Until) ? cancelled : inEvent.Until;
        var end = until is { } over ? Instant.Min(over, now) : now;
        var held = (await readings.SpanAsync(e.Tenant, BillReader.FindKey(meter)!, inEvent.From - BaselineReader.Back, Instant.Max(end, inEvent.From), Duration.FromMinutes(meter.IntervalMinutes ?? 15), ct)).Require();
        var (used, quality) = Choose(held, inEvent.From, end);
        var earlier = (await events.ListBySiteAsync(e.Tenant, siteId, inEvent.From - BaselineReader.Back, ct)).Select(h => h.Event).Where(o => o.From < inEvent.From).ToList();
        return (new SettlementInput
        {
            Event = inEvent.NominatedKw is null ? await NominatedAsync(e, inEvent, enrollment, template, ct) : e,
            SiteId = siteId,
            Zone = DateTimeZoneProviders.Tzdb[site.TimeZone],
            Template = template,
            Meter = MeterReadings.Intervals(used),
            Quality = quality,
            EarlierEvents = earlier,
            WeatherStation = template.Baseline?.FindStation(enrollment.Answers),
            Now = now,
        }, quality, meter);
    }

    /// <summary>What was handed in after the event was last heard of holds for it all the same.</summary>
    private async Task<Event> NominatedAsync(Event e, EventSite inEvent, Enrollment enrollment, ProgramTemplate template, CancellationToken ct)
    {
        var nominated = NominationCalendar.For(template, await nominations.ListByEnrollmentAsync(e.Tenant, enrollment.Id, ct), e.Source, e.From);
        return e with { Sites = e.Sites.Select(s => s == inEvent ? s with { NominatedKw = nominated?.Kw, FirmServiceLevelKw = s.FirmServiceLevelKw ?? nominated?.FirmServiceLevelKw } : s).ToValueList() };
    }

    /// <summary>The meter's own readings; telemetry takes their place only where an interval of the event has nothing else.</summary>
    private static (IReadOnlyList<MeterReading> Used, DataQuality Quality) Choose(IReadOnlyList<MeterReading> held, Instant from, Instant until) =>
        held.Any(r => r.IsTelemetry && r.From >= from && r.From < until) ? (held, DataQuality.Telemetry) : ([.. held.Where(r => !r.IsTelemetry)], DataQuality.Metered);

    private static JsonElement Body(string json, decimal? previous)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        if (previous is { } total)
        {
            body["previousTotal"] = total;
        }

        return JsonSerializer.SerializeToElement(body);
    }

    private static ProblemException Cannot(string why) => new(ErrorClass.Conflict, $"It can't be settled: {why}.");
}
