using GridServices.Contracts;

namespace GridServices.Adapters.Lines;

/// <summary>The power that merged limits leave to a quantity, and the envelope that binds it.</summary>
internal static class StatedPower
{
    private static readonly (long? Watts, string By) NotStated = (null, string.Empty);

    /// <summary>The least of all parts of the quantity; a part that nobody states is its fail-safe limit unless all is known.</summary>
    public static (long? Watts, string By) Compute(EffectiveLimits limits, Quantity quantity, SiteRules rules, bool isKnown)
    {
        (long? Watts, string By) unstated = isKnown ? NotStated : (rules.GetFailsafe(quantity), LimitLine.Failsafe);
        IEnumerable<Bound<long>?> parts = quantity switch
        {
            Quantity.ImportLimitW => [limits.ImportLimitW],
            Quantity.ExportLimitW => [limits.ExportLimitW],
            Quantity.ChargeLimitW => [limits.ChargeLimitW],
            Quantity.DischargeLimitW => [limits.DischargeLimitW],
            Quantity.GenerationLimitW => [limits.GenerationLimitW],
            Quantity.LoadLimitW => [limits.LoadLimitW],
            Quantity.ConsumptionW => [limits.ImportLimitW, limits.LoadLimitW, limits.ChargeLimitW],
            Quantity.ProductionW => [limits.ExportLimitW, limits.GenerationLimitW, limits.DischargeLimitW],
            _ => throw new ArgumentOutOfRangeException(nameof(quantity), quantity, "no such quantity"),
        };
        return Least([.. parts.Select(p => p is null ? unstated : (p.Value, Name(p.BoundBy))), .. ComputePhases(limits, quantity, rules), .. Off(limits)]);
    }

    private static IEnumerable<(long? Watts, string By)> ComputePhases(EffectiveLimits limits, Quantity quantity, SiteRules rules) => quantity switch
    {
        Quantity.ImportLimitW or Quantity.ConsumptionW => Phases(limits).Select(p => ToWatts(p.ImportLimitA, rules)),
        Quantity.ExportLimitW or Quantity.ProductionW => Phases(limits).Select(p => ToWatts(p.ExportLimitA, rules)),
        _ => [],
    };

    private static IEnumerable<EffectivePhase> Phases(EffectiveLimits limits) =>
        new[] { limits.PerPhase?.L1, limits.PerPhase?.L2, limits.PerPhase?.L3 }.OfType<EffectivePhase>();

    private static IEnumerable<(long? Watts, string By)> Off(EffectiveLimits limits) =>
        new[] { limits.Connect, limits.Energize }.OfType<Bound<bool>>().Where(b => !b.Value).Select(b => ((long?)0, Name(b.BoundBy)));

    // The least of the phases binds a peer that loads several alike: three times as much on three, and no more where another has room left.
    private static (long? Watts, string By) ToWatts(Bound<decimal>? amperes, SiteRules rules) =>
        amperes is null ? NotStated : ((long)decimal.Truncate(amperes.Value * rules.PhaseVolts * rules.PowerFactor * rules.Phases), Name(amperes.BoundBy));

    // The limits of the beginning are the fail-safe limits of the settings: no envelope states them.
    private static string Name(Binding who) => who.EnvelopeId == Guid.Empty ? LimitLine.Failsafe : who.EnvelopeId.ToString();

    private static (long? Watts, string By) Least(IEnumerable<(long? Watts, string By)> candidates) => candidates.Aggregate(NotStated, Tighter);

    private static (long? Watts, string By) Tighter((long? Watts, string By) a, (long? Watts, string By) b) => a.Watts is null || b.Watts < a.Watts ? b : a;
}
