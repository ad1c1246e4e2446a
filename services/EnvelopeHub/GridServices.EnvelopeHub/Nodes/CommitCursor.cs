using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Nodes;

/// <summary>What an instance does after a look at what was committed.</summary>
/// <param name="Cursor">Where its next look goes on.</param>
/// <param name="Sites">Changed by other instances since the last look.</param>
/// <param name="AllSites">True where some notices could not be had: any site may have changed.</param>
/// <param name="Restarted">True where an instance started meanwhile and left numbers out.</param>
/// <param name="WentBack">True where the store holds fewer commits than it did: an older copy was put back.</param>
/// <param name="HasMore">True where the look was full: the next one is due at once.</param>
public sealed record CommitStep(CommitCursor Cursor, IReadOnlySet<SiteKey> Sites, bool AllSites, bool Restarted, bool WentBack, bool HasMore);

/// <summary>
/// How far an instance has seen the commits of all instances on one store. Each commit takes its number under a lock that it holds until it is committed,
/// so who reads the counter and the notices at one moment passes no open transaction; each notice names the commit before it, so none is missed silently:
/// <code>
///   notices   5 ─▶ 6 ─▶ 7     1_000_007 ─▶ 1_000_008
///                       ▲      └ previous 7: an instance started
///              seen ────┘
/// </code>
/// </summary>
/// <param name="Seen">The number of the last commit that was seen.</param>
public sealed record CommitCursor(long Seen)
{
    /// <param name="commits">The counter, read at the same moment as the notices.</param>
    /// <param name="notices">Those after <see cref="Seen"/>, in order; at most <paramref name="most"/>, the oldest.</param>
    /// <param name="most">So many notices fill a look.</param>
    /// <param name="isShown">What this instance has committed and shown itself is no news to it. What it has committed without having heard so is.</param>
    public CommitStep Next(long commits, IReadOnlyList<CommitNotice> notices, int most, Func<CommitNotice, bool> isShown)
    {
        ArgumentNullException.ThrowIfNull(notices);
        ArgumentNullException.ThrowIfNull(isShown);
        var sites = new HashSet<SiteKey>();
        var (at, gap, restarted) = (Seen, false, false);
        foreach (var notice in notices)
        {
            gap |= notice.Previous != at;
            restarted |= notice.Commits != notice.Previous + 1;
            at = notice.Commits;
            if (!isShown(notice))
            {
                gap |= notice.Sites is null;
                sites.UnionWith(notice.Sites ?? []);
            }
        }

        // Past a gap nothing of the notices is needed any more.
        var whole = notices.Count < most;
        gap |= whole && at != commits;
        return gap
            ? new CommitStep(new CommitCursor(commits), sites, AllSites: true, Restarted: true, WentBack: commits < Seen, HasMore: false)
            : new CommitStep(new CommitCursor(at), sites, AllSites: false, restarted, WentBack: false, HasMore: !whole);
    }
}
