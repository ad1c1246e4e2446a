using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// Walks once over all instants at which any stream changes, in order, with a running intersection. With n segments in all and k streams:
/// O(n log n) for the order, O(log k) per change; never a look at all streams per instant.
/// </summary>
internal static class LimitSweep
{
    // Envelopes stand in rank order, their names at the same index; the result has no gap in the window, and neighbours differ.
    public static IReadOnlyList<EffectiveSegment> Run(IReadOnlyList<Envelope> envelopes, IReadOnlyList<Binding> streams, Instant from, Instant? until)
    {
        var changes = Changes(envelopes, from, until);
        var lanes = new LimitIntersection(streams);
        var segments = new List<EffectiveSegment>();
        var (start, limits) = (from, EffectiveLimits.None);
        for (var i = 0; i < changes.Count;)
        {
            var at = changes[i].At;
            for (; i < changes.Count && changes[i].At == at; i++)
            {
                lanes.Set(changes[i].Stream, changes[i].Limits);
            }

            var next = lanes.Bounds();
            if (next == limits)
            {
                continue;
            }

            if (at > start)
            {
                segments.Add(new EffectiveSegment { From = start, Until = at, Limits = limits });
            }

            (start, limits) = (at, next);
        }

        segments.Add(new EffectiveSegment { From = start, Until = until, Limits = limits });
        return segments;
    }

    private static List<Change> Changes(IReadOnlyList<Envelope> envelopes, Instant from, Instant? until)
    {
        var changes = new List<Change>();
        for (var stream = 0; stream < envelopes.Count; stream++)
        {
            foreach (var step in StreamSchedule.Steps(envelopes[stream], from, until))
            {
                changes.Add(new Change(step.From, stream, step.Limits));
            }
        }

        // Changes at one instant are applied together, so their order among themselves does not matter.
        changes.Sort(static (a, b) => a.At.CompareTo(b.At));
        return changes;
    }

    private readonly record struct Change(Instant At, int Stream, Limits Limits);
}
