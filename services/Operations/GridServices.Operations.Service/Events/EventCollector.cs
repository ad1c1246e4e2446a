using System.Collections.Concurrent;
using GridServices.Operations.Audit;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Events;

/// <summary>Reads the events of all VENs and the controls of all clients, and puts them together; what a service does not say whole changes nothing.</summary>
internal sealed class EventCollector(
    ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee, Observations observations, EventStore events, EventEnrollments enrollments, OperationsStore operations, IClock clock)
{
    private static readonly Duration Back = Duration.FromHours(24);
    private readonly ConcurrentDictionary<(string Tenant, EventOrigin Origin, string Through), ValueList<ReportedEvent>> _told = new();
    private readonly ConcurrentDictionary<(string Tenant, EventOrigin Origin), IReadOnlyList<string>> _heldAtStart = new();

    /// <summary>Events that are new or different.</summary>
    /// <exception cref="AggregateException">Some could not be looked at or stored; all others were.</exception>
    internal async Task<IReadOnlyList<HeldEvent>> CollectAsync(string tenant, CancellationToken ct)
    {
        var from = InstantPattern.ExtendedIso.Format(clock.GetCurrentInstant() - Back);
        var (changed, faults) = (new List<HeldEvent>(), new RunFaults(ct));
        await faults.IsolateAsync("VENs' events", async () => changed.AddRange(await VensAsync(tenant, from, faults, ct)));
        await faults.IsolateAsync("clients' controls", async () => changed.AddRange(await ClientsAsync(tenant, from, faults, ct)));
        faults.ThrowIfAny();
        return changed;
    }

    private async Task<IReadOnlyList<HeldEvent>> VensAsync(string tenant, string from, RunFaults faults, CancellationToken ct)
    {
        // An event is named by its utility: before the VENs were listed it is not known whose the events are.
        var view = observations.GetView(tenant);
        if (view.VensAt is null)
        {
            return [];
        }

        var reply = await calls.ListAsync<VenEventPage, VenEventSeen>(
            ServiceName.OpenAdr, tenant, (token, after) => openAdr.ListEventsAsync(token, from, after, ServiceCalls.PageSize, ct), page => (page.Items, page.Next), ct);
        var utilities = view.Vens.ToDictionary(v => v.Key, v => SeenEvents.GetUtility(v.Value.VtnUrl), StringComparer.Ordinal);
        return reply.IsDone
            ? await ApplyAsync(tenant, EventOrigin.OpenAdr, utilities, reply.Value!.GroupBy(e => e.VenKey, StringComparer.Ordinal),
                (ven, utility, seen) => SourceSnapshot.FromVen(ven, utility, seen.Select(e => SeenEvents.ToFact(e, utility))), faults, ct)
            : [];
    }

    private async Task<IReadOnlyList<HeldEvent>> ClientsAsync(string tenant, string from, RunFaults faults, CancellationToken ct)
    {
        var view = observations.GetView(tenant);
        if (view.ClientsAt is null)
        {
            return [];
        }

        var reply = await calls.ListAsync<ControlSeenPage, ControlSeen>(
            ServiceName.Ieee2030Dot5, tenant, (token, after) => ieee.ListControlsAsync(token, from, after, ServiceCalls.PageSize, ct), page => (page.Items, page.Next), ct);
        var utilities = view.Clients.ToDictionary(c => c.Key, c => SeenEvents.GetUtility(c.Value.ServerUrl), StringComparer.Ordinal);
        return reply.IsDone
            ? await ApplyAsync(tenant, EventOrigin.Ieee2030Dot5, utilities, reply.Value!.GroupBy(e => e.ClientKey, StringComparer.Ordinal),
                (client, utility, seen) => SourceSnapshot.FromClient(client, utility, seen.Select(e => SeenEvents.ToFact(e, utility))), faults, ct)
            : [];
    }

    private async Task<IReadOnlyList<HeldEvent>> ApplyAsync<TSeen>(
        string tenant, EventOrigin origin, Dictionary<string, string> utilities, IEnumerable<IGrouping<string, TSeen>> seen,
        Func<string, string, IEnumerable<TSeen>, SourceSnapshot> snapshotOf, RunFaults faults, CancellationToken ct)
    {
        var bySource = seen.ToDictionary(g => g.Key, g => g.AsEnumerable(), StringComparer.Ordinal);

        // A VEN that lists nothing any more is a snapshot too: its events are gone. One that has events and is not listed itself is left to the next look.
        var different = bySource.Keys.Union(_told.Keys.Where(k => k.Tenant == tenant && k.Origin == origin).Select(k => k.Through)).Union(utilities.Keys, StringComparer.Ordinal)
            .Union(await ListHeldAtStartAsync(tenant, origin, ct), StringComparer.Ordinal)
            .Where(key => utilities.ContainsKey(key) || !bySource.ContainsKey(key))
            .Select(key => snapshotOf(key, utilities.GetValueOrDefault(key, SeenEvents.NoUtility), bySource.GetValueOrDefault(key, [])))
            .Where(s => !_told.TryGetValue((tenant, origin, s.Through), out var before) || !before.Equals(s.Told)).ToList();
        var changed = new List<HeldEvent>();
        foreach (var ofUtility in different.GroupBy(s => s.Utility, StringComparer.Ordinal))
        {
            await faults.IsolateAsync($"events of {ofUtility.Key}", async () =>
            {
                var (saved, isWhole) = await SaveAsync(tenant, ofUtility.Key, [.. ofUtility], ct);
                changed.AddRange(saved);

                // What was left alone because its row can't be read is looked at again, until the row is whole.
                foreach (var snapshot in isWhole ? ofUtility : Enumerable.Empty<SourceSnapshot>())
                {
                    _told[(tenant, origin, snapshot.Through)] = snapshot.Told;
                }
            });
        }

        return changed;
    }

    /// <summary>The VENs or clients that hold events by what was stored when this run began: one that was deleted while nobody looked is in no list any more.</summary>
    private async Task<IReadOnlyList<string>> ListHeldAtStartAsync(string tenant, EventOrigin origin, CancellationToken ct)
    {
        if (!_heldAtStart.TryGetValue((tenant, origin), out var held))
        {
            var isWhole = true;
            var live = (await events.ListReadableAsync(tenant, clock.GetCurrentInstant(), ct, _ => isWhole = false)).Where(e => e.Event.Origin == origin);
            held = [.. live.SelectMany(e => e.Event.Sites).Where(s => s.State == SiteEventState.Held).Select(s => s.Through).Distinct(StringComparer.Ordinal)];
            if (isWhole)
            {
                _heldAtStart[(tenant, origin)] = held;
            }
        }

        return held;
    }

    /// <summary>All that a utility's VENs or clients heard since the last look goes into one commit: an event for ten thousand of them is written once, not once for each.</summary>
    /// <returns>What was stored, and whether nothing was left alone: an event whose row can't be read must not be written anew, without its revisions and opts.</returns>
    private async Task<(IReadOnlyList<HeldEvent> Saved, bool IsWhole)> SaveAsync(string tenant, string utility, IReadOnlyList<SourceSnapshot> snapshots, CancellationToken ct)
    {
        var (now, unread) = (clock.GetCurrentInstant(), new HashSet<string>(StringComparer.Ordinal));
        var known = (await events.ListReadableAsync(tenant, now - Back, ct, one => unread.Add(one.Source))).ToDictionary(e => e.Event.Source, e => e.Event, StringComparer.Ordinal);
        var ours = await enrollments.ReadAsync(tenant, snapshots, ct);
        var changed = new Dictionary<string, Event>(StringComparer.Ordinal);
        foreach (var snapshot in snapshots)
        {
            foreach (var e in EventMerger.Apply(tenant, known.Values, snapshot, [.. ours[snapshot.Through]], now))
            {
                known[e.Source] = changed[e.Source] = e;
            }
        }

        Event[] inOrder = [.. changed.Values.Where(e => !unread.Contains(e.Source)).OrderBy(e => e.From).ThenBy(e => e.Source, StringComparer.Ordinal)];
        var saved = inOrder.Length == 0 ? [] : await operations.WriteAsync(new Actor(tenant, utility, AuditActorKind.Utility), transaction => EventStore.SaveAsync(transaction, inOrder), ct);
        return (saved, !unread.Any(source => source.Contains($":{utility}/", StringComparison.Ordinal)));
    }
}
