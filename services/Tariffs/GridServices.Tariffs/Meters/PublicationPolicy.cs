using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>
/// Whether a meter's schedule changed enough to be said again. A reading a second moves the headroom by watts; each revision is an envelope, a commit and a
/// frame for every subscriber. So: what tightens by more than <see cref="ComputeStep"/> goes out at once, at whatever moment of the schedule; what loosens, or
/// changes only its reason or price, waits until <see cref="Pause"/> after the last publication; less than a step is not said at all.
/// </summary>
public static class PublicationPolicy
{
    /// <summary>The least time between two publications that only loosen.</summary>
    public static readonly Duration Pause = Duration.FromSeconds(10);

    private const long LeastStepW = 50;

    /// <summary>A change up to so many watts does not change what a controller would do: 50 W, or a thousandth of the limit.</summary>
    public static long ComputeStep(long limitW) => Math.Max(LeastStepW, limitW / 1000);

    /// <summary>When the draft is to be published: <paramref name="now"/> or before = at once; null = not at all, what is held still says it.</summary>
    /// <param name="held">What was published last.</param>
    /// <param name="publishedAt">When.</param>
    /// <param name="draft">What would be said now.</param>
    /// <param name="now">When.</param>
    public static Instant? DueAt(EnvelopeDraft held, Instant publishedAt, EnvelopeDraft draft, Instant now)
    {
        if (!SelectTargets(held, now, publishedAt).SequenceEqual(SelectTargets(draft, now, publishedAt)))
        {
            return now;
        }

        if (draft.HasSameContent(held))
        {
            return null;
        }

        if (draft.Obligation != held.Obligation || draft.Failsafe != held.Failsafe || draft.IsStale != held.IsStale)
        {
            return now;
        }

        return Compared(held.Segments, draft.Segments, now, publishedAt + EnvelopeDrafts.Horizon) switch
        {
            Change.Tighter => now,
            Change.Looser => Instant.Max(now, publishedAt + Pause),
            _ => draft.Breach != held.Breach || Reason(held.Segments, now) != Reason(draft.Segments, now) ? Instant.Max(now, publishedAt + Pause) : null,
        };
    }

    /// <summary>What is asked for from now to where the held schedule was drawn to.</summary>
    private static IEnumerable<(Instant From, Instant Until, long? Watts)> SelectTargets(EnvelopeDraft draft, Instant now, Instant publishedAt)
    {
        var end = publishedAt + EnvelopeDrafts.Horizon;
        return draft.Targets.Where(t => t.From < end && (t.Until is null || t.Until > now)).Select(t => (Instant.Max(t.From, now), Instant.Min(t.Until ?? end, end), t.TargetW));
    }

    /// <summary>From now to where the held schedule was drawn to; what comes after is drawn on by the hour.</summary>
    private static Change Compared(ImmutableArray<Segment> held, ImmutableArray<Segment> draft, Instant now, Instant end)
    {
        var change = Change.None;
        var edges = held.Concat(draft).SelectMany(s => new[] { s.From, s.Until ?? Instant.MaxValue }).Append(now).Where(e => e >= now && e < end).Distinct().Order();
        var (a, b) = (0, 0);
        foreach (var at in edges)
        {
            switch (LimitAt(held, at, ref a), LimitAt(draft, at, ref b))
            {
                case (null, null):
                    break;
                case (null, _):
                    return Change.Tighter;
                case (_, null):
                    change = Change.Looser;
                    break;
                case ({ } was, { } next) when next < was - ComputeStep(was):
                    return Change.Tighter;
                case ({ } was, { } next) when next > was + ComputeStep(was):
                    change = Change.Looser;
                    break;
            }
        }

        return change;
    }

    /// <summary>The limit at a moment, looked for from where the last look ended; null = nothing is stated.</summary>
    private static long? LimitAt(ImmutableArray<Segment> segments, Instant at, ref int from)
    {
        while (from < segments.Length && segments[from].Until <= at)
        {
            from++;
        }

        return from < segments.Length && segments[from].From <= at ? segments[from].Limits.ImportLimitW : null;
    }

    private static string? Reason(ImmutableArray<Segment> segments, Instant at) =>
        segments.FirstOrDefault(s => s.From <= at && (s.Until is null || s.Until > at))?.Cause?.EventId;

    private enum Change
    {
        None,
        Looser,
        Tighter,
    }
}
