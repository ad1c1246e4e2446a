using GridServices.Contracts;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;
using AssetKind = GridServices.FrequencyResponse.Service.Registry.AssetKind;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>
/// What a pool is asked to do, as target segments of each of its contracts. Every contract states the whole pool's power:
/// the hub chooses one of them, and whichever it chooses is right.
/// </summary>
internal static class PoolTargets
{
    /// <summary>A set-point lapses by itself: what nobody says again is not held for ever.</summary>
    public static readonly Duration Holds = Duration.FromSeconds(30);

    /// <summary>Two corners at one frequency, as the contract of envelopes takes them: a step is a ramp of a tenth of a millihertz.</summary>
    private const decimal JumpHz = 0.0001m;

    /// <summary>The boundary of a pool: the asset, a group of chargers, or a circuit.</summary>
    public static EnvelopeTarget GetBoundary(PoolSpec spec, PoolContract contract) =>
        contract.Settings.Target
        ?? (spec.Assets.Count == 1
            ? new EnvelopeTarget(spec.Assets[0].Settings.Kind == AssetKind.Bess ? TargetKind.Ess : TargetKind.Evse, spec.Assets[0].Key)
            : new EnvelopeTarget(spec.Assets.All(a => a.Settings.Kind != AssetKind.Bess) ? TargetKind.EvseGroup : TargetKind.Circuit, spec.Id.Key));

    /// <summary>Set-points: now what the controller decided, for a short while; in the windows to come the baseline that the response starts from, with the moves of it that are decided.</summary>
    public static IReadOnlyList<TargetSegment> Setpoints(PoolSpec spec, PoolContract contract, PoolTarget? now, Instant at, IReadOnlyList<BaselinePeriod> moves)
    {
        var baseline = -(long)Math.Round(spec.BaselineW);
        var segments = new List<TargetSegment>();
        foreach (var window in Coming(contract, at))
        {
            var from = window.From;
            if (now is not null && from <= at)
            {
                from = window.Until is { } end ? Instant.Min(end, at + Holds) : at + Holds;
                if (now.TargetW is not { } watts)
                {
                    // Let go: nothing is asked in this window until the measurement is back.
                    continue;
                }

                segments.Add(new TargetSegment { From = at, Until = from, TargetW = watts, Cause = CreateCause(spec, contract, now) });
            }

            if (window.Until is null || window.Until > from)
            {
                Baselines(segments, from, window.Until, baseline, moves);
            }
        }

        return segments;
    }

    private static void Baselines(List<TargetSegment> segments, Instant from, Instant? until, long baseline, IReadOnlyList<BaselinePeriod> moves)
    {
        foreach (var move in moves.Where(m => m.Until > from && (until is null || m.From < until)))
        {
            if (move.From > from)
            {
                segments.Add(new TargetSegment { From = from, Until = move.From, TargetW = baseline });
            }

            var end = until is { } stated ? Instant.Min(stated, move.Until) : move.Until;
            segments.Add(new TargetSegment { From = Instant.Max(from, move.From), Until = end, TargetW = move.BaselineW });
            from = end;
        }

        if (until is null || until > from)
        {
            segments.Add(new TargetSegment { From = from, Until = until, TargetW = baseline });
        }
    }

    /// <summary>The curve itself, for a controller that runs it locally: of all the pool's contracts, each with what is left of it then.</summary>
    public static IReadOnlyList<TargetSegment> Droops(PoolSpec spec, PoolContract contract, Instant at)
    {
        var spans = spec.Contracts.Where(c => c.Service.Curve is not null).SelectMany(c => c.Procured.Where(p => !(p.Until <= at)).Select(p => (Contract: c, Span: p)));
        return
        [
            .. SegmentSweep.Run(spans, s => (s.Span.From, s.Span.Until))
                .Where(s => !(s.Until <= at) && s.Active.Any(a => a.Contract.Key == contract.Key))
                .Select(s => new TargetSegment { From = s.From, Until = s.Until, Droop = Curve(spec, s.Active) }),
        ];
    }

    private static List<DroopPoint> Curve(PoolSpec spec, IReadOnlyList<(PoolContract Contract, ProcuredSpan Span)> procured)
    {
        var parts = procured.Select(p => (p.Contract.Service.Curve!, (double)p.Span.QuantityW)).ToList();
        return Points(spec, ResponseCurve.Sum(parts), parts.Sum(p => p.Item2));
    }

    private static List<DroopPoint> Points(PoolSpec spec, ResponseCurve curve, double mostW)
    {
        var nominal = spec.Contracts[0].Service.NominalHz;
        var knots = curve.Knots.ToList();

        // Slopes that go on without an end go on to the whole quantity, no further.
        Extend(knots, curve, mostW, below: true, nominal);
        Extend(knots, curve, mostW, below: false, nominal);
        var points = new List<DroopPoint>();
        foreach (var knot in knots)
        {
            var hz = points.Count > 0 && (decimal)knot.Hz <= points[^1].Hz ? points[^1].Hz + JumpHz : (decimal)knot.Hz;
            points.Add(new DroopPoint(decimal.Round(hz, 6), (long)Math.Round(-spec.BaselineW - Math.Clamp(knot.Pu, -mostW, mostW))));
        }

        return points;
    }

    private static void Extend(List<Knot> knots, ResponseCurve curve, double mostW, bool below, double nominal)
    {
        var slope = below ? curve.SlopeBelow : curve.SlopeAbove;
        var end = below ? knots[0] : knots[^1];
        if (slope <= 0)
        {
            if (knots.Count == 1)
            {
                knots.Insert(below ? 0 : 1, new Knot(nominal + (below ? -1 : 1), end.Pu));
            }

            return;
        }

        var reach = Math.Max(0, (mostW - Math.Abs(end.Pu)) / slope);
        if (reach > 0)
        {
            knots.Insert(below ? 0 : knots.Count, new Knot(end.Hz + (below ? -reach : reach), end.Pu + (below ? reach * slope : -reach * slope)));
        }
    }

    private static Cause CreateCause(PoolSpec spec, PoolContract contract, PoolTarget now)
    {
        var index = spec.Contracts.ToList().FindIndex(c => c.Key == contract.Key);
        return new Cause
        {
            EventId = (index >= 0 && index < now.Activations.Count ? now.Activations[index] : null) ?? now.Activations.FirstOrDefault(a => a is not null),
            ReceivedAt = now.ReceivedAt,
        };
    }

    private static IEnumerable<ArmingWindow> Coming(PoolContract contract, Instant at) =>
        contract.Settings.Windows.Where(w => !(w.Until <= at));
}
