using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Compliance;

/// <summary>What the meter measured, and what would have flowed.</summary>
/// <param name="Meter">In order.</param>
/// <param name="Baseline">Empty where there is none.</param>
/// <param name="IsUnknown">Tariffs could not be asked: that nothing is here says nothing.</param>
internal sealed record BaselineAnswer(IReadOnlyList<MeterInterval> Meter, IReadOnlyList<BaselineInterval> Baseline, bool IsUnknown = false);

/// <summary>Asks Tariffs for a meter's intervals and for the baseline that the program's rule gives of them.</summary>
internal sealed class BaselineReader(ServiceCalls calls, ITariffsApi tariffs, MeterReadings readings, EventStore events)
{
    /// <summary>Baselines look back over some weeks of days that count.</summary>
    internal static readonly Duration Back = Duration.FromDays(70);

    internal async Task<BaselineAnswer> OfAsync(Event e, string siteId, ProgramTemplate template, DateTimeZone zone, MeterPoint meter, Instant from, Instant until, Instant now, CancellationToken ct)
    {
        var step = Duration.FromMinutes(meter.IntervalMinutes ?? 15);
        var reply = await readings.SpanAsync(e.Tenant, meter.MeterAtTariffs!, from - Back, until, step, ct);

        // What telemetry filled in is not the meter's word.
        var intervals = reply.IsDone ? MeterReadings.Intervals(reply.Value!.Where(r => !r.IsTelemetry)) : [];
        if (template.Baseline is null || intervals.Count == 0)
        {
            return new BaselineAnswer(intervals, [], reply.Kind is not (ReplyKind.Done or ReplyKind.NotThere));
        }

        var earlier = (await events.OfSiteAsync(e.Tenant, siteId, from - Back, ct)).Select(h => h.Event).Where(o => o.From < from).ToList();
        var request = SettlementRequest.Create(new SettlementInput { Event = e, SiteId = siteId, Zone = zone, Template = template, Meter = intervals, EarlierEvents = earlier, Now = now, IsBaselineOnly = true });
        return new BaselineAnswer(intervals, request.Json is null ? [] : await BaselineAsync(e.Tenant, request.Json, ct));
    }

    private async Task<IReadOnlyList<BaselineInterval>> BaselineAsync(string tenant, string settlement, CancellationToken ct)
    {
        var body = JsonNode.Parse(settlement)!.AsObject();
        body.Remove("terms");
        body.Remove("previousTotal");
        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ComputeBaselineAsync(token, JsonSerializer.SerializeToElement(body), ct), ct);
        if (!reply.IsDone)
        {
            return [];
        }

        var answer = reply.Value;
        return BaselineInterval.Create(
            [.. answer.GetProperty("starts").EnumerateArray().Select(s => InstantPattern.ExtendedIso.Parse(s.GetString()!).Value)], answer.GetProperty("intervalMinutes").GetInt32(),
            [.. answer.GetProperty("adjustedKw").EnumerateArray().Select(k => decimal.Parse(k.GetString()!, CultureInfo.InvariantCulture))], [.. answer.GetProperty("baselineSource").EnumerateArray().Select(s => s.GetString()!)]);
    }
}
