using GridServices.Contracts;

namespace GridServices.Adapters.Lines;

/// <summary>The power that merged limits leave to a quantity, and the envelope that binds it.</summary>
internal static class StatedPower
{
    private static readonly (long? Watts, string By) NotStated = (null, string.Empty);

    public static (long? Watts, string By) Of(EffectiveLimits limits, Quantity quantity, SiteRules rules) => Least(quantity switch
    {
        Quantity.ImportLimitW => [.. Import(limits, rules), .. Off(limits)],
        Quantity.ExportLimitW => [.. Export(limits, rules), .. Off(limits)],
        Quantity.ChargeLimitW => [Of(limits.ChargeLimitW), .. Off(limits)],
        Quantity.DischargeLimitW => [Of(limits.DischargeLimitW), .. Off(limits)],
        Quantity.GenerationLimitW => [Of(limits.GenerationLimitW), .. Off(limits)],
        Quantity.LoadLimitW => [Of(limits.LoadLimitW), .. Off(limits)],
        Quantity.ConsumptionW => [.. Import(limits, rules), Of(limits.LoadLimitW), Of(limits.ChargeLimitW), .. Off(limits)],
        Quantity.ProductionW => [.. Export(limits, rules), Of(limits.GenerationLimitW), Of(limits.DischargeLimitW), .. Off(limits)],
        _ => throw new ArgumentOutOfRangeException(nameof(quantity), quantity, "no such quantity"),
    });

    private static IEnumerable<(long? Watts, string By)> Import(EffectiveLimits limits, SiteRules rules) =>
        Phases(limits).Select(p => Of(p.ImportLimitA, rules)).Prepend(Of(limits.ImportLimitW));

    private static IEnumerable<(long? Watts, string By)> Export(EffectiveLimits limits, SiteRules rules) =>
        Phases(limits).Select(p => Of(p.ExportLimitA, rules)).Prepend(Of(limits.ExportLimitW));

    private static IEnumerable<EffectivePhase> Phases(EffectiveLimits limits) =>
        new[] { limits.PerPhase?.L1, limits.PerPhase?.L2, limits.PerPhase?.L3 }.OfType<EffectivePhase>();

    private static IEnumerable<(long? Watts, string By)> Off(EffectiveLimits limits) =>
        new[] { limits.Connect, limits.Energize }.OfType<Bound<bool>>().Where(b => !b.Value).Select(b => ((long?)0, Name(b.BoundBy)));

    private static (long? Watts, string By) Of(Bound<long>? bound) => bound is null ? NotStated : (bound.Value, Name(bound.BoundBy));

    private static (long? Watts, string By) Of(Bound<decimal>? amperes, SiteRules rules) =>
        amperes is null ? NotStated : ((long)decimal.Truncate(amperes.Value * rules.PhaseVolts), Name(amperes.BoundBy));

    // The limits of the beginning are the fail-safe limits of the settings: no envelope states them.
    private static string Name(Binding who) => who.EnvelopeId == Guid.Empty ? LimitLine.Failsafe : who.EnvelopeId.ToString();

    private static (long? Watts, string By) Least(IEnumerable<(long? Watts, string By)> candidates) => candidates.Aggregate(NotStated, Tighter);

    private static (long? Watts, string By) Tighter((long? Watts, string By) a, (long? Watts, string By) b) => a.Watts is null || b.Watts < a.Watts ? b : a;
}
