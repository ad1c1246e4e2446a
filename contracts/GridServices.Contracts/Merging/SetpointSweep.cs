using NodaTime;

namespace GridServices.Contracts;

/// <summary>Chooses the strongest stream's set-point at every instant and clamps it into the merged limits (architecture laws 4, 5).</summary>
internal static class SetpointSweep
{
    public static IReadOnlyList<EffectiveSetpoint> Run(
        TargetKind kind, IReadOnlyList<Envelope> envelopes, IReadOnlyList<Binding> streams, IReadOnlyList<EffectiveSegment> limits, Instant from, Instant? until)
    {
        var setpoints = new List<EffectiveSetpoint>();
        var j = 0;
        foreach (var chosen in Chosen(envelopes, from, until))
        {
            while (limits[j].Until <= chosen.From)
            {
                j++;
            }

            for (var k = j; k < limits.Count && (chosen.Until is null || limits[k].From < chosen.Until); k++)
            {
                var end = Earlier(chosen.Until, limits[k].Until);
                Append(setpoints, Clamp(kind, streams[chosen.Stream], chosen.Target, limits[k].Limits) with { From = Instant.Max(chosen.From, limits[k].From), Until = end });
            }
        }

        return setpoints;
    }

    /// <summary>Who is asking, span by span, in order.</summary>
    private static IEnumerable<Choice> Chosen(IReadOnlyList<Envelope> envelopes, Instant from, Instant? until)
    {
        var changes = Changes(envelopes, from, until);
        var current = new TargetSegment?[envelopes.Count];
        var asking = new TournamentTree<bool>(envelopes.Count); // all values alike: the strongest rank that asks is first
        for (var i = 0; i < changes.Count;)
        {
            var at = changes[i].At;
            for (; i < changes.Count && changes[i].At == at; i++)
            {
                current[changes[i].Stream] = changes[i].Target;
                asking.Set(changes[i].Stream, changes[i].Target is null ? null : true);
            }

            if (asking.First >= 0)
            {
                yield return new Choice(at, i < changes.Count ? changes[i].At : until, asking.First, current[asking.First]!);
            }
        }
    }

    private static List<Change> Changes(IReadOnlyList<Envelope> envelopes, Instant from, Instant? until)
    {
        var changes = new List<Change>();
        for (var stream = 0; stream < envelopes.Count; stream++)
        {
            var targets = envelopes[stream].Targets;
            for (var i = 0; i < targets.Count; i++)
            {
                var target = targets[i];
                if (target.Until <= from || target.From >= until)
                {
                    continue;
                }

                changes.Add(new Change(Instant.Max(target.From, from), stream, target));
                var followed = i + 1 < targets.Count && targets[i + 1].From == target.Until;
                if (target.Until is { } end && !followed && (until is null || end < until))
                {
                    changes.Add(new Change(end, stream, null));
                }
            }
        }

        changes.Sort(static (a, b) => a.At.CompareTo(b.At));
        return changes;
    }

    private static EffectiveSetpoint Clamp(TargetKind kind, Binding by, TargetSegment target, EffectiveLimits limits)
    {
        var room = Room.From(kind, limits);
        if (target.TargetW is not { } asked)
        {
            return new EffectiveSetpoint { From = default, By = by, Droop = target.Droop, LowestW = room.Lowest, HighestW = room.Highest };
        }

        var (given, boundBy) = asked > room.Highest ? (room.Highest.Value, room.HighestBy)
            : asked < room.Lowest ? (room.Lowest.Value, room.LowestBy)
            : (asked, null);
        return new EffectiveSetpoint
        {
            From = default,
            By = by,
            AskedW = asked,
            TargetW = given,
            ShortfallW = given == asked ? null : Math.Abs(asked - given),
            BoundBy = boundBy,
        };
    }

    private static void Append(List<EffectiveSetpoint> setpoints, EffectiveSetpoint next)
    {
        if (setpoints.Count > 0 && setpoints[^1] is var last && last.Until == next.From && last with { From = next.From, Until = next.Until } == next)
        {
            setpoints[^1] = last with { Until = next.Until };
        }
        else
        {
            setpoints.Add(next);
        }
    }

    private static Instant? Earlier(Instant? a, Instant? b) => a is null ? b : b is null ? a : Instant.Min(a.Value, b.Value);

    private readonly record struct Change(Instant At, int Stream, TargetSegment? Target);

    private readonly record struct Choice(Instant From, Instant? Until, int Stream, TargetSegment Target);
}
