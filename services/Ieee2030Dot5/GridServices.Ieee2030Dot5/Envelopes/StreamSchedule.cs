using GridServices.Contracts;
using GridServices.Contracts.Functions;
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
    public static (CoarseSchedule<Segment> Limits, CoarseSchedule<TargetSegment> Targets) Compute(
        DerScheduleConfig config, DerScheduleStep step, IReadOnlyDictionary<string, HeldControl> controls, IReadOnlyList<ModePiece> pieces)
    {
        var segments = new List<Segment>();
        var targets = new List<TargetSegment>();
        foreach (var (from, until, active) in Sweep(pieces))
        {
            var limits = active.Select(p => LimitMapping.ToLimits(config, p.Setting)).Aggregate(Limits.None, (a, b) => a.Intersect(b));
            var functions = FunctionMapping.FindFunctions(config, step.State.Curves, active);
            if (limits != Limits.None || functions is not null)
            {
                var stating = active.Where(p => limits == Limits.None || p.Setting.IsLimit).ToList();
                segments.Add(new Segment
                {
                    From = from,
                    Until = until,
                    Limits = limits,
                    Cause = CreateCause(controls, stating),
                    Bridged = stating.Exists(p => p.Bridged) ? true : null,
                    Functions = functions,
                    Ramp = FunctionMapping.ComputeRamp(step.Gradient, stating),
                });
            }

            if (CreateTarget(config, controls, from, until, active) is { } target)
            {
                targets.Add(target);
            }
        }

        return (SegmentCoarsening.Limits(SegmentJoin.Run(segments)), SegmentCoarsening.Targets(SegmentJoin.Run(targets)));
    }

    // Between two instants at which a piece begins or ends the same pieces hold, the strongest first.
    private static IEnumerable<(Instant From, Instant? Until, List<ModePiece> Active)> Sweep(IReadOnlyList<ModePiece> pieces) =>
        SegmentSweep.Run(pieces, p => (p.From, p.Until))
            .Select(s => (s.From, s.Until, s.Active.OrderBy(Strength).ThenBy(p => p.MRid, StringComparer.OrdinalIgnoreCase).ToList()));

    private static int Strength(ModePiece piece) => ((int)piece.Source * 1000) + (piece.Primacy ?? 0);

    private static TargetSegment? CreateTarget(
        DerScheduleConfig config, IReadOnlyDictionary<string, HeldControl> controls, Instant from, Instant? until, List<ModePiece> active)
    {
        var asked = active.FirstOrDefault(p => LimitMapping.ToSetPoint(config, p.Setting) is not null);
        var setPoint = asked is null ? null : LimitMapping.ToSetPoint(config, asked.Setting);
        // What the equipment does by itself is not asked of the controller besides.
        var droop = config.Functions.Contains(FunctionKind.FrequencyDroop) ? null : active.FirstOrDefault(p => p.Setting.Droop is not null);
        var curve = droop is null ? [] : LimitMapping.ComputeCurve(config, droop.Setting.Droop!, setPoint ?? 0);
        return (curve.Count >= 2, setPoint) switch
        {
            (true, _) => new TargetSegment { From = from, Until = until, Droop = curve.ToValueList(), Cause = CreateCause(controls, [droop!]) },
            (false, { } watts) => new TargetSegment { From = from, Until = until, TargetW = watts, Cause = CreateCause(controls, [asked!]) },
            _ => null,
        };
    }

    /// <summary>The strongest of those that state something: a control before a default.</summary>
    private static Cause? CreateCause(IReadOnlyDictionary<string, HeldControl> controls, List<ModePiece> pieces)
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
}
