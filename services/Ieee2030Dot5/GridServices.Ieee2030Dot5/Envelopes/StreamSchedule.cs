using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>The pieces of one stream at one target as segments and set-points.</summary>
/// <remarks>
/// Who wins is decided before, mode by mode over all programs: a stream states a mode only while its program has it, so that intersecting the
/// streams brings nothing back that was superseded. Defaults are segments too: an envelope's own default would hold beside another program's control.
/// </remarks>
internal static class StreamSchedule
{
    private const int MostSegments = 1024;

    public static (ValueList<Segment> Segments, ValueList<TargetSegment> Targets) Of(DerScheduleConfig config, IReadOnlyDictionary<string, HeldControl> controls, IReadOnlyList<ModePiece> pieces)
    {
        var segments = new List<Segment>();
        var targets = new List<TargetSegment>();
        foreach (var (from, until, active) in Sweep(pieces))
        {
            var limits = active.Select(p => LimitMapping.LimitsOf(config, p.Setting)).Aggregate(Limits.None, (a, b) => a.Intersect(b));
            if (limits != Limits.None)
            {
                var stating = active.Where(p => p.Setting.IsLimit).ToList();
                bool? bridged = stating.Exists(p => p.Bridged) ? true : null;
                segments.Add(new Segment { From = from, Until = until, Limits = limits, Cause = CauseOf(controls, stating), Bridged = bridged });
            }

            if (TargetOf(config, controls, from, until, active) is { } target)
            {
                targets.Add(target);
            }
        }

        return (Fit(Join(segments)), Join(targets).Take(MostSegments).ToValueList());
    }

    // Walks over every instant at which a piece begins or ends; between two of them the same pieces hold.
    private static IEnumerable<(Instant From, Instant? Until, List<ModePiece> Active)> Sweep(IReadOnlyList<ModePiece> pieces)
    {
        var byStart = pieces.OrderBy(p => p.From).ToList();
        var edges = pieces.Select(p => p.From).Concat(pieces.Select(p => p.Until).OfType<Instant>()).Distinct().Order().ToList();
        var active = new List<ModePiece>();
        var next = 0;
        for (var i = 0; i < edges.Count; i++)
        {
            var from = edges[i];
            _ = active.RemoveAll(p => p.Until <= from);
            while (next < byStart.Count && byStart[next].From <= from)
            {
                active.Add(byStart[next++]);
            }

            if (active.Count > 0)
            {
                yield return (from, i + 1 < edges.Count ? edges[i + 1] : null, [.. active.OrderBy(Strength).ThenBy(p => p.MRid, StringComparer.OrdinalIgnoreCase)]);
            }
        }
    }

    private static int Strength(ModePiece piece) => ((int)piece.Source * 1000) + (piece.Primacy ?? 0);

    private static TargetSegment? TargetOf(
        DerScheduleConfig config, IReadOnlyDictionary<string, HeldControl> controls, Instant from, Instant? until, List<ModePiece> active)
    {
        var asked = active.FirstOrDefault(p => LimitMapping.SetPointOf(config, p.Setting) is not null);
        var setPoint = asked is null ? null : LimitMapping.SetPointOf(config, asked.Setting);
        var droop = active.FirstOrDefault(p => p.Setting.Droop is not null);
        var curve = droop is null ? [] : LimitMapping.CurveOf(config, droop.Setting.Droop!, setPoint ?? 0);
        return (curve.Count >= 2, setPoint) switch
        {
            (true, _) => new TargetSegment { From = from, Until = until, Droop = curve.ToValueList(), Cause = CauseOf(controls, [droop!]) },
            (false, { } watts) => new TargetSegment { From = from, Until = until, TargetW = watts, Cause = CauseOf(controls, [asked!]) },
            _ => null,
        };
    }

    /// <summary>The strongest of those that state something: a control before a default.</summary>
    private static Cause? CauseOf(IReadOnlyDictionary<string, HeldControl> controls, List<ModePiece> pieces)
    {
        if (pieces.Count == 0 || pieces[0].MRid is not { } mrid)
        {
            return null;
        }

        var held = pieces[0].Source == PieceSource.Control ? controls.GetValueOrDefault(mrid) : null;
        var moved = held is null ? 0 : held.Start.ToUnixTimeSeconds() - held.Content.StartS;
        return new Cause
        {
            EventId = mrid,
            Modification = held?.Content.Version is >= 0 ? held.Content.Version : null,
            Priority = pieces[0].Primacy,
            RandomizedByS = moved == 0 ? null : moved,
            ReceivedAt = held?.ReceivedAt,
            Sha256 = held?.Sha256,
        };
    }

    private static List<Segment> Join(List<Segment> segments) =>
        Join(segments, (a, b) => a.Until == b.From && a with { From = b.From, Until = b.Until } == b, (a, b) => a with { Until = b.Until });

    private static List<TargetSegment> Join(List<TargetSegment> segments) =>
        Join(segments, (a, b) => a.Until == b.From && a with { From = b.From, Until = b.Until } == b, (a, b) => a with { Until = b.Until });

    private static List<T> Join<T>(List<T> items, Func<T, T, bool> same, Func<T, T, T> join)
    {
        var joined = new List<T>();
        foreach (var item in items)
        {
            if (joined.Count > 0 && same(joined[^1], item))
            {
                joined[^1] = join(joined[^1], item);
            }
            else
            {
                joined.Add(item);
            }
        }

        return joined;
    }

    // The contract takes 1,024 segments. What is beyond is one segment at the strictest of all, never left out.
    private static ValueList<Segment> Fit(List<Segment> segments)
    {
        if (segments.Count <= MostSegments)
        {
            return segments.ToValueList();
        }

        var rest = segments.Skip(MostSegments - 1).ToList();
        return
        [
            .. segments.Take(MostSegments - 1),
            rest[0] with { Until = rest[^1].Until, Limits = rest.Select(s => s.Limits).Aggregate((a, b) => a.Intersect(b)) },
        ];
    }
}
