using GridServices.Contracts;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Sites;
using GridServices.Simulation.Hub;
using NodaTime;

namespace GridServices.Simulation.Checks;

/// <summary>The hub's history: P3 (once), P4, P5, P6, and what was drawn by lot.</summary>
internal sealed class HistoryChecks(World world)
{
    private readonly HashSet<(string Branch, StreamKey Key, long Revision)> _accepted = [];
    private readonly Dictionary<string, long> _drawn = new(StringComparer.Ordinal);
    private string _branch = "first";
    private int _branches;
    private bool _mayLeap;

    /// <summary>Streams and revisions that the hub has ever stored, on whatever branch of its history.</summary>
    public HashSet<(StreamKey Key, long Revision)> Stored { get; } = [];

    /// <summary>The hub has read the site from its store: it leaves sequences out by lot before the next entry.</summary>
    public void Loaded() => _mayLeap = true;

    /// <summary>An older copy is the store now: what follows is another branch.</summary>
    public void Restored() => _branch = $"branch {++_branches}";

    /// <summary>The hub's store has taken a commit.</summary>
    public void Committed(HubData before, HubData after)
    {
        var sequence = before.Sequence;
        foreach (var entry in after.Log.Skip(before.Log.Count))
        {
            if (entry.Sequence != sequence + 1 && !(_mayLeap && entry.Sequence > sequence))
            {
                world.Checks.Fail("P4", $"after sequence {sequence} comes {entry.Sequence}");
            }

            (sequence, _mayLeap) = (entry.Sequence, false);
            if (!_accepted.Add(($"{_branch} {after.Epoch}", entry.Key, entry.Revision)))
            {
                world.Checks.Fail("P3", $"{entry.Key.Stream} rev {entry.Revision} is in the history twice");
            }

            Stored.Add((entry.Key, entry.Revision));
            LookAtLots(entry);
        }
    }

    /// <summary>Submissions were judged: what was refused changed nothing.</summary>
    public void Judged(SiteSet before, SiteSet after, IReadOnlyList<PublicationEntry> items, IReadOnlyList<PublishResult> results)
    {
        foreach (var (item, result) in items.Zip(results).Where(p => p.Second.Status != PublishStatus.Accepted))
        {
            var (held, now) = (before.Find(item.Publication.Key), after.Find(item.Publication.Key));
            if (results.All(r => r.Status != PublishStatus.Accepted) && (!ReferenceEquals(held, now) || before.Sequence != after.Sequence))
            {
                world.Checks.Fail("P6", $"{item.Publication.Key.Stream} rev {item.Publication.Revision} was {result.Status} and changed the site");
            }
        }
    }

    /// <summary>P5: memory says what the store says.</summary>
    public void Look()
    {
        if (!world.Hub.IsUp)
        {
            return;
        }

        world.Hub.Settle();
        var (memory, store) = (world.Hub.View.Set, world.Hub.Disk.Data.Set());
        var (shown, stored) = (Text(memory), Text(store));
        if (memory.Entries.Any() && memory.Sequence < store.Sequence || shown != stored)
        {
            world.Checks.Fail(memory.LiveCount < store.LiveCount && memory.Sequence == store.Sequence ? "P6" : "P5", $"memory: {memory.Sequence} {shown}; store: {store.Sequence} {stored}");
        }
    }

    /// <summary>P5: the merged timeline is the pointwise minimum of what lives, looked at in three places.</summary>
    public void Merged(SiteSet set, EffectiveTimeline timeline, EffectiveWindow window)
    {
        var site = timeline.Targets.FirstOrDefault(t => t.Target.Kind == TargetKind.Site);
        for (var i = 0; i < 3; i++)
        {
            var at = window.From + Duration.FromSeconds(i * 97);
            var least = set.Envelopes.Where(e => e.Obligation == Obligation.Mandatory).Select(e => LimitAt(e, at)).Min();
            var told = site?.Segments.FirstOrDefault(s => s.From <= at && (s.Until is null || at < s.Until))?.Limits.ImportLimitW?.Value;
            if (least != told)
            {
                world.Checks.Fail("P5", $"at {at} the streams allow {least} W and the merged timeline says {told} W");
            }
        }
    }

    private static long? LimitAt(Envelope envelope, Instant at) =>
        (envelope.Segments.FirstOrDefault(s => s.From <= at && (s.Until is null || at < s.Until))?.Limits ?? envelope.Default?.Limits)?.ImportLimitW;

    private static string Text(SiteSet set) => string.Join(", ", set.Entries.Select(e => $"{e.Sequence} {e.Key.Stream} rev {e.Revision} {e.Content[..8]}"));

    // Drawn once and stored: whoever runs the engine, whatever has died.
    private void LookAtLots(Entry entry)
    {
        foreach (var segment in (entry.Data as Envelope)?.Segments ?? [])
        {
            if (segment.Cause is not { EventId: { } id, RandomizedByS: { } drawn })
            {
                continue;
            }

            if (!world.Checks.WasServiceRestored && _drawn.TryGetValue(id, out var before) && before != drawn)
            {
                world.Checks.Fail("Chance", $"the begin of {id} was put off by {before} s and then by {drawn} s");
            }

            _drawn[id] = drawn;
        }
    }
}
