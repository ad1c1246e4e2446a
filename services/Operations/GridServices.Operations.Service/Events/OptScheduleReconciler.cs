using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>
/// Opt plans as opt schedules at the OpenAdr service, where the program wants them. Kept first, then sent under an Idempotency-Key: a crash in between is made good by the
/// next look, and a service that is away delays it. Schedules that others made there are left alone.
/// </summary>
internal sealed partial class OptScheduleReconciler(
    OptScheduleStore store, OptPlanStore plans, SettingsStore settings, OptScheduleTargets targets, OptScheduleClient line, IClock clock, ILogger<OptScheduleReconciler> logger)
{
    private static readonly Duration Unsettled = Duration.FromSeconds(3);
    private static readonly Duration Settled = Duration.FromMinutes(2);
    private static readonly Duration RefusedFor = Duration.FromMinutes(10);
    private readonly ConcurrentDictionary<(string Tenant, string VenKey), (Instant At, ValueList<WantedOptSchedule> Wanted)> _next = new();

    internal async Task ReconcileAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        // Beyond what one person may, plans are told event by event, each time once a second person has agreed.
        var all = await plans.ListEndingAfterAsync(tenant, now, ct);
        var beyond = PlannedOptOuts.Beyond((await settings.GetAsync(tenant, ct)).TwoPerson, all);
        OptPlan[] standing = [.. all.Where(p => !beyond.Contains(p.Id))];
        var kept = await store.ListAsync(tenant, ct);
        if (standing.Length == 0 && kept.Count == 0)
        {
            return;
        }

        var wanted = WantedOptSchedules.Create(standing, await targets.ListAsync(tenant, standing, ct), now);
        var isAway = false;
        foreach (var venKey in wanted.Select(w => w.Target.VenKey).Concat(kept.Select(k => k.Target.VenKey)).Distinct(StringComparer.Ordinal))
        {
            var ofVen = wanted.Where(w => w.Target.VenKey == venKey).ToValueList();
            if (_next.TryGetValue((tenant, venKey), out var next) && next.At > now && next.Wanted.Equals(ofVen))
            {
                continue;
            }

            var seen = isAway ? VenSnapshot.Away : await ReadVenAsync(tenant, venKey, ct);
            isAway = seen.IsAway;
            var isSettled = await CheckAsync(tenant, venKey, seen, ofVen, [.. kept.Where(k => k.Target.VenKey == venKey)], now, ct);
            _next[(tenant, venKey)] = (now + (isSettled ? Settled : Unsettled), ofVen);
        }
    }

    private async Task<VenSnapshot> ReadVenAsync(string tenant, string venKey, CancellationToken ct)
    {
        var ven = await line.VenAsync(tenant, venKey, ct);
        if (!ven.IsDone)
        {
            return ven.Kind == ReplyKind.NotThere ? new VenSnapshot(default, null, false) : VenSnapshot.Away;
        }

        var listed = await line.ListAsync(tenant, venKey, ct);
        return listed.IsDone ? new VenSnapshot(ven.Value, listed.Value, false) : VenSnapshot.Away;
    }

    /// <returns>Whether nothing is open (<see cref="OptScheduleWork.IsSettled"/>), and the next look may be late.</returns>
    private async Task<bool> CheckAsync(string tenant, string venKey, VenSnapshot seen, IReadOnlyCollection<WantedOptSchedule> wanted, IReadOnlyList<OptSchedule> kept, Instant now, CancellationToken ct)
    {
        var known = wanted.Select(w => w with { Target = w.Target with { ResourceIds = seen.Found is null ? null : OptScheduleClient.ReadResourceIds(seen.Ven, w.Target.SiteId) } }).ToList();
        var settled = OptScheduleReconciliation.Reconcile(known, kept, seen.Found, now, () => EntityId.Create(now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes)), seen.IsAway);
        await store.SaveAsync(tenant, kept, settled, ct);
        var work = OptScheduleReconciliation.Work(settled, seen.Found, now);
        foreach (var schedule in work.ToSend)
        {
            await SendAsync(schedule, now, ct);
        }

        foreach (var optId in work.ToCancel)
        {
            var reply = await line.CancelAsync(tenant, venKey, optId, ct);
            if (!reply.IsDone && reply.Kind != ReplyKind.NotThere)
            {
                LogNotCancelled(logger, venKey, optId, reply.Problem ?? string.Empty);
            }
        }

        // A VEN that is gone with its enrollment may stay away for years: nothing is told to it meanwhile.
        return work.IsSettled || (seen is { Found: null, IsAway: false } && settled.All(k => k.EndedAt is not null));
    }

    private async Task SendAsync(OptSchedule schedule, Instant now, CancellationToken ct)
    {
        var reply = await line.SendAsync(schedule, ct);
        if (reply.IsDone)
        {
            var taken = reply.Value!;
            await store.SaveAsync(schedule.Target.Tenant, [schedule], [schedule with { OptId = taken.OptId, State = taken.State ?? OptScheduleState.Waiting, StateSince = now, Problem = taken.Problem, NextTryAt = null }], ct);
            return;
        }

        LogNotSent(logger, schedule.Target.VenKey, schedule.Id, reply.Problem ?? string.Empty);
        if (reply.Kind == ReplyKind.Refused)
        {
            var problem = string.Join("; ", reply.Faults.Select(f => $"{f.Pointer} {f.Detail}".Trim()));
            var since = schedule.State == OptScheduleState.Refused ? schedule.StateSince : now;
            await store.SaveAsync(schedule.Target.Tenant, [schedule], [schedule with { State = OptScheduleState.Refused, StateSince = since, Problem = problem, NextTryAt = now + RefusedFor }], ct);
        }
    }

    /// <param name="Ven">As the service shows it.</param>
    /// <param name="Found">Its schedules; null: there is no such VEN, or the service is away.</param>
    /// <param name="IsAway">Nothing is known.</param>
    private sealed record VenSnapshot(JsonElement Ven, IReadOnlyList<FoundOptSchedule>? Found, bool IsAway)
    {
        internal static VenSnapshot Away { get; } = new(default, null, true);
    }

    [LoggerMessage(EventIds.OptScheduleUnsent, LogLevel.Warning, "VEN {VenKey}: opt schedule {Id} could not be told: {Problem} (tried again)")]
    private static partial void LogNotSent(ILogger logger, string venKey, string id, string problem);

    [LoggerMessage(EventIds.OptScheduleNotCancelled, LogLevel.Warning, "VEN {VenKey}: opt {OptId} could not be cancelled: {Problem} (tried again)")]
    private static partial void LogNotCancelled(ILogger logger, string venKey, string optId, string problem);
}
