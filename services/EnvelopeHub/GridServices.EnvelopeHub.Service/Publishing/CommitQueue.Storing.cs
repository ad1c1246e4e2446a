using System.Diagnostics;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary>What is judged in memory holds only where the store's heads are where memory has them; where another instance was faster it is judged again.</summary>
internal sealed partial class CommitQueue
{
    // Others commit for the same sites all the time: then the sites are held while it is decided.
    private const int FreeTurns = 3;

    /// <returns>What was stored, and the number of its commit; 0: nothing was to be stored.</returns>
    private async Task<(CommitDraft Draft, long Commits)> StoreAsync(List<PublishJob> jobs, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        for (var turn = 1; ; turn++)
        {
            var draft = await DraftAsync(jobs, leases, isFirst: turn == 1);
            if (draft.Changes.Count == 0)
            {
                return (draft, 0);
            }

            var started = Stopwatch.GetTimestamp();
            try
            {
                var commits = await log.CommitAsync(Commit(jobs, draft), clock.GetCurrentInstant(), CancellationToken.None);
                Committed(draft, commits, started);
                return (draft, commits);
            }
            catch (SiteMovedException moved) when (turn < FreeTurns)
            {
                // Another node was faster: decide again on what it stored.
                await FollowAsync(moved.Sites, leases);
            }
            catch (SiteMovedException)
            {
                return await StoreHeldAsync(jobs, leases);
            }
        }
    }

    // What is not simply taken is judged by what the store holds: another node may have made it so a moment ago.
    private async Task<CommitDraft> DraftAsync(List<PublishJob> jobs, IReadOnlyDictionary<SiteKey, SiteLease> leases, bool isFirst)
    {
        var draft = Draft(jobs, key => leases[key].Cell.View.Set, leases);
        if (!isFirst || !notices.IsShared)
        {
            return draft;
        }

        var refused = jobs.Zip(draft.Results).SelectMany(pair => pair.First.Items.Zip(pair.Second)).Where(item => item.Second.Status != PublishStatus.Accepted).Select(item => item.First.Site).Distinct().ToList();
        if (refused.Count == 0)
        {
            return draft;
        }

        await FollowAsync(refused, leases);

        // Nothing is stored where all are refused, so no transaction compares it: a duplicate of a history that has ended is in no store.
        await notices.RequireAsync(history.Epoch, CancellationToken.None);
        return Draft(jobs, key => leases[key].Cell.View.Set, leases);
    }

    private CommitDraft Draft(List<PublishJob> jobs, Func<SiteKey, SiteSet> present, IReadOnlyDictionary<SiteKey, SiteLease> leases) =>
        CommitDraft.Create(jobs, present, key => ChooseLeap(leases[key].Cell.View), history.Epoch, damage.IsNew);

    private Task FollowAsync(IReadOnlyList<SiteKey> keys, IReadOnlyDictionary<SiteKey, SiteLease> leases) =>
        follower.FollowAsync([.. keys.Select(key => leases[key].Cell)], CancellationToken.None);

    private async Task<(CommitDraft Draft, long Commits)> StoreHeldAsync(List<PublishJob> jobs, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        var started = Stopwatch.GetTimestamp();
        var draft = new CommitDraft([], []);
        IReadOnlyDictionary<SiteKey, (SiteSet Set, long TrimmedTo)> stored = new Dictionary<SiteKey, (SiteSet, long)>();
        var commits = await log.CommitHeldAsync(
            [.. leases.Keys],
            held =>
            {
                stored = held;
                draft = Draft(jobs, key => held[key].Set, leases);
                return Commit(jobs, draft);
            },
            clock.GetCurrentInstant(),
            CancellationToken.None);
        ShowStored(stored, leases);
        Committed(draft, commits, started);
        return (draft, commits);
    }

    private void Committed(CommitDraft draft, long commits, long started)
    {
        history.CommittedPublications(commits);
        hints.Send();
        metrics.Committed(draft.Entries, Stopwatch.GetElapsedTime(started));
    }

    private SiteCommit Commit(List<PublishJob> jobs, CommitDraft draft) => new(
        draft.Changes,
        history.ToStoreWith(jobs.Zip(draft.Results)
            .SelectMany(pair => pair.First.Items.Zip(pair.Second))
            .Where(item => item.Second.Status == PublishStatus.Accepted)
            .Select(item => new PublisherId(item.First.Publication.Tenant, item.First.Publication.Source))),
        history.Epoch);

    // A store that was never put back gave nothing out before its first start.
    private long ChooseLeap(SiteModel site) => history.HadRuns && site.Leap is null ? 1 + RandomNumberGenerator.GetInt32(Leap.Longest) : 0;

    // What the store held beyond memory is shown too: a submission may be a duplicate of just that.
    private void ShowStored(IReadOnlyDictionary<SiteKey, (SiteSet Set, long TrimmedTo)> stored, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        foreach (var (key, site) in stored)
        {
            leases[key].Cell.Load(site.Set, site.TrimmedTo);
            effective.Schedule(leases[key].Cell);
        }
    }
}
