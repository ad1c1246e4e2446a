using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>What contracts state now, and what is withdrawn.</summary>
internal sealed partial class ContractPublisher
{
    private List<PendingPublication> Compose(HashSet<EntryId> touched, bool all, Instant now)
    {
        var said = new List<PendingPublication>();
        var pools = dependencies.Table.All;
        foreach (var site in pools.GroupBy(p => (p.Spec.Id.Tenant, p.Spec.SiteId)).Where(g => all || g.Any(p => touched.Contains(p.Spec.Id))))
        {
            if (!dependencies.Fleet.GetLease(site.Key.Tenant).IsHeld(dependencies.Fleet.NowNanos))
            {
                continue; // Another process speaks for this tenant.
            }

            // While something responds the moment of its decision is what is told of: looked at again, it says the same.
            var moment = site.Select(p => TargetNow(p.Spec.Id, now)?.At).Max() ?? now;
            var responses = site.SelectMany(p => p.Spec.Contracts.Select((c, i) => (c, GetResponse(p.Spec.Id, i)))).ToList();
            foreach (var pool in site)
            {
                var target = TargetNow(pool.Spec.Id, now);
                var moves = BaselinePlan.Moves(pool.Spec, pool.View().State, moment);
                foreach (var contract in pool.Spec.Contracts)
                {
                    Stage(said, pool.Spec, contract.Key, EnvelopeComposer.Compose(pool.Spec, contract, responses, target, moment, moves), now);
                }
            }
        }

        if (all)
        {
            WithdrawGone(said, now);
        }

        return said;
    }

    private void Stage(List<PendingPublication> said, PoolSpec spec, string contract, (IReadOnlyList<Envelope> Envelopes, string? Coarsened) composed, Instant now)
    {
        var (staged, envelopes) = (said.Count, composed.Envelopes);
        var id = new EntryId(spec.Id.Tenant, contract);
        var told = _told.GetValueOrDefault(id, PublishedRevision.Nothing);
        foreach (var envelope in envelopes)
        {
            var before = told.GetBoundary(envelope.Target);
            var content = PublishedBoundary.HashContent(envelope);
            if (before.Content != content)
            {
                var revision = before.Revision + 1;
                var item = dependencies.Name.Item(id.Tenant, envelope with { EnvelopeId = Guid.CreateVersion7(now.ToDateTimeOffset()), Revision = revision }, now);
                said.Add(new PendingPublication(id, before with { SiteId = spec.SiteId, Revision = revision, Content = content }, item));
            }
        }

        if (said.Count > staged && composed.Coarsened is { } reason)
        {
            LogCoarsened(log, id.Key, reason);
        }

        var kept = envelopes.Select(e => PublishedRevision.GetKey(e.Target)).ToHashSet(StringComparer.Ordinal);
        said.AddRange(told.Boundaries.Where(b => !kept.Contains(b.Key) && b.Value.Content is not null).Select(b => Withdraw(id, b.Value, "contract changed", now)));
    }

    private void WithdrawGone(List<PendingPublication> said, Instant now)
    {
        // One that can't be read has not ended.
        var held = dependencies.Fleet.Entries.Contracts.Select(c => c.Id).Concat(dependencies.Fleet.Entries.Illegible).ToHashSet();
        foreach (var (id, told) in _told.Where(t => !held.Contains(t.Key) && dependencies.Fleet.IsWriter(t.Key.Tenant)))
        {
            said.AddRange(told.Boundaries.Values.Where(b => b.Content is not null).Select(b => Withdraw(id, b, "contract ended", now)));
        }
    }

    private PendingPublication Withdraw(EntryId contract, PublishedBoundary before, string reason, Instant now)
    {
        var after = before with { Revision = before.Revision + 1, Content = null };
        var withdrawal = new Withdrawal
        {
            SiteId = before.SiteId,
            Target = before.Target,
            Stream = new StreamId(Hub.OtherLimits.OurService, contract.Key),
            Revision = after.Revision,
            Reason = reason,
        };
        return new PendingPublication(contract, after, dependencies.Name.Item(contract.Tenant, withdrawal, now));
    }

    /// <summary>What was decided last, while it lasts: an activation, or a pool that has let go.</summary>
    private PoolTarget? TargetNow(EntryId pool, Instant now) =>
        _targets.TryGetValue(pool, out var target) && (target.Activations.Any(a => a is not null) || target.TargetW is null) && now - target.At < PoolTargets.Holds ? target : null;

    private double GetResponse(EntryId pool, int index) =>
        _targets.TryGetValue(pool, out var target) && index < target.ResponsesW.Count && target.Activations[index] is not null ? target.ResponsesW[index] : 0;

    private static (EntryId Pool, PoolTarget Target)? FindTarget(RecordedEvent happening) => happening switch
    {
        RecordedEvent.Activated a => (a.Pool, a.Target),
        RecordedEvent.Moved m => (m.Pool, m.Target),
        _ => null,
    };

    private sealed record PendingPublication(EntryId Contract, PublishedBoundary Boundary, OutboxItem Item);
}
