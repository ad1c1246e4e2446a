using System.Diagnostics;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>Shows in memory what other instances have committed: the new entries of each site, in the order of its sequence, to its subscribers here.</summary>
internal sealed class SiteFollower(SiteLog log, SiteCache sites, DamagedSites damage, EffectiveTimelinePublisher effective, HubMetrics metrics, IOptions<EnvelopeHubOptions> options)
{
    private const int SitesPerRead = 500;

    // Sites that nobody uses here are read when they are next asked for; a few are followed, since they may well be.
    private const int MostIdle = 1_000;

    /// <summary>Brings sites up to what the store holds by now. Those that are as new stay as they are.</summary>
    /// <exception cref="Hosting.Storage.StoreUnavailableException">Some may not have been brought up to it.</exception>
    public async Task FollowAsync(IReadOnlyCollection<SiteState> cells, CancellationToken ct)
    {
        foreach (var cell in cells)
        {
            // A load that is under way may have read what was there before.
            cell.MarkChanged();
        }

        sites.EvictIdle(cells, MostIdle);
        foreach (var read in cells.Where(cell => cell.Loaded is not null).Chunk(SitesPerRead))
        {
            await FollowAsync(read, ct);
        }
    }

    private async Task FollowAsync(SiteState[] cells, CancellationToken ct)
    {
        var tails = await log.ReadTailsAsync([.. cells.Select(cell => (cell.Key, cell.View.Set.Sequence))], ct);
        var behind = cells.Where(cell => tails.ContainsKey(cell.Key)).ToList();
        var committed = Stopwatch.GetTimestamp();
        await sites.LoadAsync([.. behind.Where(cell => !TryFollow(cell, tails[cell.Key], committed))], ct);
        foreach (var cell in behind)
        {
            damage.Set(cell.Key, cell.View.Set);
            cell.WakeAll();
            effective.Schedule(cell);
        }

        metrics.Followed(behind.Count);
    }

    // A damaged entry, or one that has left the log: the whole set is read then.
    private bool TryFollow(SiteState state, SiteTail tail, long committed)
    {
        var entries = new List<Entry>(tail.Rows.Count);
        foreach (var row in tail.Rows)
        {
            if (EntryProof.Read(row, state.Key).Entry is not { } entry)
            {
                return false;
            }

            entries.Add(entry);
        }

        return state.TryFollow(tail, entries, options.Value.ReplayEvents, committed, damage.IsNew(state.Key));
    }
}
