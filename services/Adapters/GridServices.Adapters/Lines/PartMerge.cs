using GridServices.Contracts;

namespace GridServices.Adapters.Lines;

/// <summary>What several metering boundaries allow together to one peer that stands behind all of them: of each limit the least, at each instant.</summary>
public static class PartMerge
{
    /// <summary>The merged segments, in order and without a gap, the last without end where one of the parts is; empty: nobody states anything.</summary>
    /// <param name="parts">Of each boundary the segments, in order and without a gap, all from the same instant on; one without any states nothing.</param>
    public static IReadOnlyList<EffectiveSegment> Merge(IReadOnlyList<IReadOnlyList<EffectiveSegment>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var turns = parts.SelectMany(p => p).Select(s => s.From).Distinct().Order().ToList();
        return
        [
            .. turns.Select((from, i) => new EffectiveSegment
            {
                From = from,
                Until = i + 1 < turns.Count ? turns[i + 1] : null,
                Limits = parts.Select(p => p.LastOrDefault(s => s.From <= from)?.Limits ?? EffectiveLimits.None).Aggregate(Both),
            }),
        ];
    }

    private static EffectiveLimits Both(EffectiveLimits a, EffectiveLimits b) => new()
    {
        ImportLimitW = Least(a.ImportLimitW, b.ImportLimitW),
        ExportLimitW = Least(a.ExportLimitW, b.ExportLimitW),
        ChargeLimitW = Least(a.ChargeLimitW, b.ChargeLimitW),
        DischargeLimitW = Least(a.DischargeLimitW, b.DischargeLimitW),
        GenerationLimitW = Least(a.GenerationLimitW, b.GenerationLimitW),
        LoadLimitW = Least(a.LoadLimitW, b.LoadLimitW),
        PerPhase = a.PerPhase is null ? b.PerPhase : b.PerPhase is null ? a.PerPhase : new EffectivePhases
        {
            L1 = Both(a.PerPhase.L1, b.PerPhase.L1),
            L2 = Both(a.PerPhase.L2, b.PerPhase.L2),
            L3 = Both(a.PerPhase.L3, b.PerPhase.L3),
        },
        Connect = Least(a.Connect, b.Connect),
        Energize = Least(a.Energize, b.Energize),
    };

    private static EffectivePhase? Both(EffectivePhase? a, EffectivePhase? b) => a is null ? b : b is null ? a : new EffectivePhase
    {
        ImportLimitA = Least(a.ImportLimitA, b.ImportLimitA),
        ExportLimitA = Least(a.ExportLimitA, b.ExportLimitA),
    };

    // False is less than true: who must be off is off.
    private static Bound<T>? Least<T>(Bound<T>? a, Bound<T>? b)
        where T : struct, IComparable<T> => a is null ? b : b is null || a.Value.CompareTo(b.Value) <= 0 ? a : b;
}
