using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What is known of the surroundings of pools reaches them.</summary>
internal sealed partial class PoolHost
{
    /// <summary>Gives pools what is known of their surroundings now.</summary>
    public void Refresh(Predicate<Pool> which)
    {
        var all = dependencies.Table.All;
        var bySite = all.ToLookup(GetSite);
        foreach (var site in all.Where(p => which(p)).GroupBy(GetSite).ToList())
        {
            Pool[] together = [.. bySite[site.Key]];
            foreach (var pool in site)
            {
                Refresh(pool, together);
            }

            // What others have given back meanwhile is theirs to have.
            foreach (var owed in site.Where(p => p.Room.IsOwed && together.Length > 1))
            {
                Refresh(owed, together);
            }
        }

        ReleaseGone(all);
    }

    /// <summary>A pool that ended while it was looked at has taken its part of the room again: nobody else would give that back.</summary>
    private void ReleaseGone(Pool[] looked)
    {
        var now = dependencies.Table.All;
        if (ReferenceEquals(now, looked))
        {
            return;
        }

        var left = now.Select(p => (GetSite(p), p.Spec.Id)).ToHashSet();
        foreach (var gone in looked.Where(p => !left.Contains((GetSite(p), p.Spec.Id))))
        {
            dependencies.Conditions.Release(GetSite(gone), gone.Spec.Id);
        }
    }

    private static EntryId GetSite(Pool pool) => new(pool.Spec.Id.Tenant, pool.Spec.SiteId);

    /// <param name="pool">Which.</param>
    /// <param name="together">All pools that run at its site.</param>
    private void Refresh(Pool pool, IReadOnlyCollection<Pool> together)
    {
        // What each was told until now belongs to what the site's reading shows.
        var others = together.Where(p => p.Spec.Id != pool.Spec.Id).ToList();
        others.ForEach(Note);
        var switching = pool.Switching;
        lock (switching.Gate)
        {
            pool.CopySetpoints(switching.Setpoints);
            var moved = switching.Note(dependencies.Monotonic.Nanos);
            var held = !moved && switching.IsFresh(dependencies.Book.Version, dependencies.Monotonic.Nanos) ? pool.Plan : null;
            Note(pool);
            var (conditions, plan, room) = dependencies.Conditions.Compute(pool.Spec, pool.Conditions, pool.Rest, switching, held, [.. others.Select(p => (p.Spec, p.Rest))]);
            pool.Room = room;
            pool.Set(conditions with { Lease = GetLease(pool.Spec.Id.Tenant) }, plan);
        }
    }

    /// <summary>Takes note of what a pool was told since the note before.</summary>
    private void Note(Pool pool)
    {
        lock (pool.Switching.Gate)
        {
            if (pool.Rest.Watch(dependencies.Conditions.FindNever(pool.Spec)))
            {
                pool.SplitTold();
            }

            pool.Rest.Note(dependencies.Monotonic.Nanos, pool.ToldSince() ?? PoolConditions.CanDo(pool.Spec, pool.Rest.Never));
        }
    }
}
