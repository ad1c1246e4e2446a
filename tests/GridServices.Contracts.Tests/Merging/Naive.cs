using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

/// <summary>The merge as one would do it by hand at a single instant: look at every envelope. The oracle for the sweep.</summary>
internal static class Naive
{
    public static IEnumerable<Envelope> Ranked(IEnumerable<Envelope> live, EnvelopeTarget target) => live
        .Where(e => e.Target == target && e.Obligation == Obligation.Mandatory)
        .OrderBy(e => e.Tier).ThenBy(e => e.Stream.Service, StringComparer.Ordinal).ThenBy(e => e.Stream.Key, StringComparer.Ordinal);

    public static Limits StatedBy(Envelope envelope, Instant at) =>
        SegmentAt(envelope, at)?.Limits ?? envelope.Default?.Limits ?? Limits.None;

    public static Segment? SegmentAt(Envelope envelope, Instant at) => envelope.Segments.FirstOrDefault(s => s.From <= at && (s.Until is null || at < s.Until));

    public static (Binding By, FunctionSetting Function)? FunctionAt(IEnumerable<Envelope> live, EnvelopeTarget target, FunctionKind kind, Instant at)
    {
        var setting = Ranked(live, target).Select(e => (By: Name(e), Function: SegmentAt(e, at)?.Functions?.SingleOrDefault(f => f.Kind == kind))).FirstOrDefault(s => s.Function is not null);
        return setting.Function is null ? null : (setting.By, setting.Function);
    }

    public static EffectiveLimits LimitsAt(IEnumerable<Envelope> live, EnvelopeTarget target, Instant at)
    {
        var ranked = Ranked(live, target).Select(e => (By: Name(e), Limits: StatedBy(e, at))).ToList();
        var (l1, l2, l3) = (Phase(l => l.L1), Phase(l => l.L2), Phase(l => l.L3));
        return new EffectiveLimits
        {
            ImportLimitW = Least(l => l.ImportLimitW),
            ExportLimitW = Least(l => l.ExportLimitW),
            ChargeLimitW = Least(l => l.ChargeLimitW),
            DischargeLimitW = Least(l => l.DischargeLimitW),
            GenerationLimitW = Least(l => l.GenerationLimitW),
            LoadLimitW = Least(l => l.LoadLimitW),
            PerPhase = (l1, l2, l3) is (null, null, null) ? null : new EffectivePhases { L1 = l1, L2 = l2, L3 = l3 },
            Connect = Least(l => l.Connect),
            Energize = Least(l => l.Energize),
        };

        Bound<T>? Least<T>(Func<Limits, T?> of)
            where T : struct
        {
            // OrderBy is stable, so equal values stay in rank order.
            var stated = ranked.Where(r => of(r.Limits) is not null).Select(r => (r.By, Value: of(r.Limits)!.Value)).OrderBy(r => r.Value).ToList();
            var next = stated.Count > 1 ? new RunnerUp<T>(stated[1].By.Service, stated[1].By.Key, stated[1].Value) : null;
            return stated.Count == 0 ? null : new Bound<T>(stated[0].Value, stated[0].By, next);
        }

        EffectivePhase? Phase(Func<PhaseLimits, PhaseLimit?> of)
        {
            var import = Least(l => l.PerPhase is { } p ? of(p)?.ImportLimitA : null);
            var export = Least(l => l.PerPhase is { } p ? of(p)?.ExportLimitA : null);
            return import is null && export is null ? null : new EffectivePhase { ImportLimitA = import, ExportLimitA = export };
        }
    }

    public static (Binding By, TargetSegment Target)? AskedAt(IEnumerable<Envelope> live, EnvelopeTarget target, Instant at)
    {
        foreach (var envelope in Ranked(live, target))
        {
            if (envelope.Targets.FirstOrDefault(t => t.From <= at && (t.Until is null || at < t.Until)) is { } asked)
            {
                return (Name(envelope), asked);
            }
        }

        return null;
    }

    public static Binding Name(Envelope e) => new(e.Stream.Service, e.Stream.Key, e.EnvelopeId, e.Tier);
}
