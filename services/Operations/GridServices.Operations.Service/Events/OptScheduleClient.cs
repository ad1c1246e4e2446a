using System.Text.Json;
using GridServices.Operations.Json;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Clients;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>Opt schedules at the OpenAdr service: read, sent under their Idempotency-Key, cancelled.</summary>
internal sealed class OptScheduleClient(ServiceCalls calls, IOpenAdrApi openAdr)
{
    /// <summary>The VEN's configuration; <see cref="ReplyKind.NotThere"/>: there is no such VEN.</summary>
    internal Task<ServiceReply<JsonElement>> VenAsync(string tenant, string venKey, CancellationToken ct) =>
        calls.CallAsync(ServiceName.OpenAdr, tenant, token => openAdr.GetVenAsync(token, venKey, ct), ct);

    /// <summary>Every schedule that the VEN holds, whoever made it.</summary>
    internal async Task<ServiceReply<IReadOnlyList<FoundOptSchedule>>> ListAsync(string tenant, string venKey, CancellationToken ct)
    {
        var reply = await calls.ListAsync<VenOptPage, VenOptSeen>(
            ServiceName.OpenAdr, tenant, (token, after) => openAdr.ListOptsAsync(token, venKey, after, ServiceCalls.PageSize, ct), page => (page.Items, page.Next), ct);
        return new(reply.Kind, reply.IsDone ? [.. reply.Value!.Where(o => o.EventId is null).Select(Found)] : null, reply.ETag, reply.Problem, reply.Faults);
    }

    internal async Task<ServiceReply<FoundOptSchedule>> SendAsync(OptSchedule schedule, CancellationToken ct)
    {
        var body = JsonSerializer.SerializeToElement(Document.From(schedule), OperationsJson.Options);
        var target = schedule.Target;
        var reply = await calls.CallAsync(ServiceName.OpenAdr, target.Tenant, token => openAdr.CreateOptAsync(token, target.VenKey, schedule.Id, body, ct), ct);
        return new(reply.Kind, reply.IsDone ? Found(reply.Value!) : null, reply.ETag, reply.Problem, reply.Faults);
    }

    internal Task<ServiceReply<JsonElement>> CancelAsync(string tenant, string venKey, string optId, CancellationToken ct) =>
        calls.CallAsync(ServiceName.OpenAdr, tenant, token => openAdr.DeleteOptAsync(token, venKey, optId, ct), ct);

    /// <summary>By which resourceIds an opt means the site alone; empty: the VEN has no other; null: it has others, and no name for this one.</summary>
    internal static ValueList<string>? ReadResourceIds(JsonElement ven, string siteId)
    {
        var sites = ven.TryGetProperty("config", out var config) && config.TryGetProperty("sites", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        var own = sites.FindAll(s => s.GetProperty("siteId").GetString() == siteId);
        if (own.Count == sites.Count)
        {
            return [];
        }

        var named = own.Where(s => s.TryGetProperty("targets", out var targets) && targets.TryGetProperty("resourceIds", out _))
            .SelectMany(s => s.GetProperty("targets").GetProperty("resourceIds").EnumerateArray()).Select(r => r.GetString()!).ToValueList();
        return named.Count > 0 ? named : null;
    }

    private static FoundOptSchedule Found(VenOptSeen seen) => new()
    {
        OptId = seen.OptId,
        State = seen.Status switch { "held" => OptScheduleState.Held, "refused" => OptScheduleState.Refused, "cancelling" => null, _ => OptScheduleState.Waiting },
        Direction = seen.OptType == "optOut" ? OptDirection.Out : OptDirection.In,
        MarketContext = seen.MarketContext,
        ResourceIds = seen.ResourceIds.ToValueList(),
        Note = seen.Reason,
        ReplacedBy = seen.ReplacedBy,
        Problem = seen.Problem,
    };

    /// <summary>The body of <c>POST /v1/vens/{venKey}/opts</c>.</summary>
    private sealed record Document(string OptType, OptReason OptReason, string? MarketContext, ValueList<string>? ResourceIds, ValueList<Period> Periods, string Reason, string Actor)
    {
        internal static Document From(OptSchedule schedule) => new(
            schedule.Direction == OptDirection.Out ? "optOut" : "optIn",
            schedule.Reason,
            schedule.Target.MarketContext,
            schedule.Target.ResourceIds is { Count: > 0 } resources ? resources : null,
            schedule.Spans.Select(s => new Period(s.From, s.Until - s.From)).ToValueList(),
            schedule.Text is null ? schedule.Mark : $"{schedule.Mark}: {schedule.Text}",
            schedule.By);
    }

    private sealed record Period(Instant Start, Duration Duration);
}
