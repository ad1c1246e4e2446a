using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary>What a commit would store and answer: decided in memory, before anything is written.</summary>
/// <param name="Changes">Only the sites with new entries.</param>
/// <param name="Results">Per job, per item.</param>
internal sealed record CommitDraft(IReadOnlyList<SiteChange> Changes, IReadOnlyList<IReadOnlyList<PublishResult>> Results)
{
    public int Entries => Changes.Sum(change => change.Entries.Count);

    /// <param name="jobs">What is submitted.</param>
    /// <param name="present">The site as it is.</param>
    /// <param name="leap">How many sequences are left out before the site's next entry.</param>
    /// <param name="epoch">The present history.</param>
    /// <param name="keepMissing">Whether publishers are still to be asked for streams of the site that nobody can name.</param>
    public static CommitDraft Create(IReadOnlyList<PublishJob> jobs, Func<SiteKey, SiteSet> present, Func<SiteKey, long> leap, string epoch, Func<SiteKey, bool> keepMissing)
    {
        var drafts = new Dictionary<SiteKey, SiteDraft>();
        SiteDraft Begin(SiteKey site)
        {
            var (before, by) = (present(site), leap(site));
            return new SiteDraft(before.Leap(by), []) { Leap = by > 0 ? new Leap(before.Sequence, before.Sequence + by) : null };
        }

        var results = new List<IReadOnlyList<PublishResult>>(jobs.Count);
        foreach (var job in jobs)
        {
            results.Add([.. job.Items.Select(item => Evaluate(item, drafts, Begin, epoch, keepMissing))]);
        }

        var changes = drafts.Where(draft => draft.Value.Entries.Count > 0)
            .Select(draft => new SiteChange(draft.Key, draft.Value.After, draft.Value.Entries) { Leap = draft.Value.Leap });
        return new CommitDraft([.. changes], results);
    }

    private static PublishResult Evaluate(PublicationEntry item, Dictionary<SiteKey, SiteDraft> drafts, Func<SiteKey, SiteDraft> begin, string epoch, Func<SiteKey, bool> keepMissing)
    {
        if (!drafts.TryGetValue(item.Site, out var draft))
        {
            draft = begin(item.Site);
            drafts.Add(item.Site, draft);
        }

        var verdict = draft.After.Evaluate(item);
        if (verdict != Verdict.Accepted)
        {
            return Answer(item, verdict, draft.After.Find(item.Publication.Key)?.Revision);
        }

        var entry = draft.After.Apply(item, epoch);
        draft.Entries.Add(entry);
        drafts[item.Site] = draft with { After = draft.After.With(entry, keepMissing(item.Site)) };
        return new PublishResult
        {
            Id = item.Publication.EventId,
            Status = PublishStatus.Accepted,
            Sequence = entry.Sequence.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static PublishResult Answer(PublicationEntry item, Verdict verdict, long? held) => new()
    {
        Id = item.Publication.EventId,
        Status = verdict switch
        {
            Verdict.Duplicate => PublishStatus.Duplicate,
            Verdict.Stale => PublishStatus.Stale,
            _ => PublishStatus.Rejected,
        },
        HeldRevision = verdict is Verdict.Stale or Verdict.Conflict ? held : null,
        Problem = verdict switch
        {
            Verdict.Conflict => Problems.Create(
                ErrorClass.IdConflict,
                $"Revision {item.Publication.Revision} of {item.Publication.Key.Stream} was published before with another content. Publish the change as a higher revision.",
                "/data/revision"),
            Verdict.TooMany => Problems.Create(
                ErrorClass.LimitCount, $"Site '{item.Site.SiteId}' has {SiteSet.MostKeys} targets and streams already. Publish for one of them.", "/data/stream"),
            Verdict.IdTaken => Problems.Create(
                ErrorClass.DuplicateId, "Another stream of this site has a live envelope with this envelopeId. Give each revision of each stream an id of its own.", "/data/envelopeId"),
            Verdict.RevisionTooHigh => Problems.Create(
                ErrorClass.SemanticNumber, $"Revision {item.Publication.Revision} leaves hardly a revision above it. Count revisions up from 1, or by time.", "/data/revision"),
            _ => null,
        },
    };

    private sealed record SiteDraft(SiteSet After, List<Entry> Entries)
    {
        public Leap? Leap { get; init; }
    }
}
