using System.Globalization;
using System.Text.Json;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
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
internal sealed record BaselineAnswer(IReadOnlyList<MeterInterval> Meter, IReadOnlyList<BaselineInterval> Baseline, bool IsUnknown = false)
{
    /// <summary>Which rule gave it; null = none did.</summary>
    public string? Rule { get; init; }

    /// <summary>Why that one is used in the place of the program's own; null = it is the program's own.</summary>
    public string? Fallback { get; init; }
}

/// <summary>Asks Tariffs for a meter's intervals and for the baseline that the program's rule gives of them.</summary>
internal sealed class BaselineReader(ServiceCalls calls, ITariffsApi tariffs, MeterReadings readings, EventStore events)
{
    /// <summary>Baselines look back over some weeks of days that count.</summary>
    internal static readonly Duration Back = Duration.FromDays(70);

    internal async Task<BaselineAnswer> ReadAsync(
        Event e, string siteId, ProgramTemplate template, Answers answers, DateTimeZone zone, MeterPoint meter, Instant from, Instant until,
        Instant now, CancellationToken ct)
    {
        var step = Duration.FromMinutes(meter.IntervalMinutes ?? 15);
        var reply = await readings.SpanAsync(e.Tenant, meter.MeterAtTariffs!, from - Back, until, step, ct);

        // What telemetry filled in is not the meter's word.
        var intervals = reply.IsDone ? MeterReadings.Intervals(reply.Value!.Where(r => !r.IsTelemetry)) : [];
        if (template.Baseline is null || intervals.Count == 0)
        {
            return new BaselineAnswer(intervals, [], reply.Kind is not (ReplyKind.Done or ReplyKind.NotThere));
        }

        var earlier = (await events.ListBySiteAsync(e.Tenant, siteId, from - Back, ct)).Select(h => h.Event).Where(o => o.From < from).ToList();
        var request = SettlementRequest.Create(new SettlementInput { Event = e, SiteId = siteId, Zone = zone, Template = template, Meter = intervals, EarlierEvents = earlier, WeatherStation = template.Baseline.FindStation(answers), Now = now, IsBaselineOnly = true });
        return request.Json is null ? new BaselineAnswer(intervals, []) : await BaselineAsync(e.Tenant, request.Json, intervals, ct);
    }

    private async Task<BaselineAnswer> BaselineAsync(string tenant, string request, IReadOnlyList<MeterInterval> intervals, CancellationToken ct)
    {
        using var body = JsonDocument.Parse(request);
        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ComputeBaselineAsync(token, body.RootElement.Clone(), ct), ct);
        if (!reply.IsDone)
        {
            return new BaselineAnswer(intervals, []);
        }

        var answer = reply.Value;
        var insteadOf = answer.TryGetProperty("insteadOf", out var tried) ? tried.EnumerateArray().Select(t => t.GetProperty("reason").GetString()).ToList() : [];
        var baseline = BaselineInterval.Create(
            [.. answer.GetProperty("starts").EnumerateArray().Select(s => InstantPattern.ExtendedIso.Parse(s.GetString()!).Value)], answer.GetProperty("intervalMinutes").GetInt32(),
            [.. answer.GetProperty("adjustedKw").EnumerateArray().Select(k => decimal.Parse(k.GetString()!, CultureInfo.InvariantCulture))], [.. answer.GetProperty("baselineSource").EnumerateArray().Select(s => s.GetString()!)]);
        return new BaselineAnswer(intervals, baseline) { Rule = answer.GetProperty("rule").GetString(), Fallback = insteadOf.Count == 0 ? null : string.Join("; ", insteadOf) };
    }
}
