using GridServices.Contracts;
using GridServices.EnvelopeHub.Queries;
using NodaTime;

namespace GridServices.EnvelopeHub.Sites;

/// <summary>What the hub says of a site: the set as a snapshot, as a poll answer, and merged.</summary>
public static class SiteStatements
{
    /// <summary>All that is live, with the merged timeline of the next 48 hours.</summary>
    public static SiteSnapshot Snapshot(this SiteSet set, string siteId, string epoch, Instant now)
    {
        ArgumentNullException.ThrowIfNull(set);
        var window = EffectiveWindow.StartingAt(now);
        return new SiteSnapshot
        {
            SiteId = siteId,
            Epoch = epoch,
            Sequence = new Cursor(epoch, set.Sequence).SequenceText,
            AsOf = now,
            Envelopes = [.. set.Data<Envelope>()],
            Withdrawn = [.. set.Data<Withdrawal>()],
            Prices = [.. set.Data<PriceSeries>()],
            Effective = set.Merged(siteId, epoch, now, window.From, window.Until),
            SiteKnown = IsKnown(set.Sequence),
        };
    }

    /// <summary>All that is live: what is not listed is not live.</summary>
    public static SiteEnvelopes Complete(this SiteSet set, string siteId, string epoch, Instant now)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Statement(siteId, epoch, set.Sequence, now, complete: true, [.. set.Entries.Select(entry => entry.Data)]);
    }

    /// <summary>What changed, given in the order of the log: of several revisions of one key the last.</summary>
    public static SiteEnvelopes Changes(string siteId, string epoch, long sequence, Instant now, IEnumerable<Entry> changes)
    {
        var last = new Dictionary<StreamKey, Entry>();
        foreach (var entry in changes)
        {
            last[entry.Key] = entry;
        }

        return Statement(siteId, epoch, sequence, now, complete: false, [.. last.Values.OrderBy(entry => entry.Sequence).Select(entry => entry.Data)]);
    }

    /// <summary>The merged timeline, with the place in the log that it was made of.</summary>
    public static EffectiveTimeline Merged(this SiteSet set, string siteId, string epoch, Instant now, Instant from, Instant until)
    {
        ArgumentNullException.ThrowIfNull(set);
        return EffectiveEnvelope.Merge(siteId, set.Envelopes, from, until) with
        {
            Epoch = epoch,
            Sequence = new Cursor(epoch, set.Sequence).SequenceText,
            AsOf = now,
        };
    }

    /// <summary>What holds at the site's connection point at one instant.</summary>
    public static EffectiveLimits LimitsAt(this SiteSet set, string siteId, Instant at)
    {
        ArgumentNullException.ThrowIfNull(set);
        return EffectiveEnvelope.At(siteId, set.Envelopes, new EnvelopeTarget(TargetKind.Site, siteId), at);
    }

    // A name that nothing was ever published for; absent where something was.
    private static bool? IsKnown(long sequence) => sequence == 0 ? false : null;

    private static SiteEnvelopes Statement(string siteId, string epoch, long sequence, Instant now, bool complete, IReadOnlyList<object> data) => new()
    {
        SiteId = siteId,
        Epoch = epoch,
        Sequence = new Cursor(epoch, sequence).SequenceText,
        AsOf = now,
        Complete = complete,
        Envelopes = [.. data.OfType<Envelope>()],
        Withdrawn = [.. data.OfType<Withdrawal>()],
        Prices = [.. data.OfType<PriceSeries>()],
        SiteKnown = IsKnown(sequence),
    };
}
