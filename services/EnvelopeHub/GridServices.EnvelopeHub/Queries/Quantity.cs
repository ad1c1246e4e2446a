using System.Collections.Frozen;
using System.Globalization;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Queries;

/// <summary>The quantities that can be asked for one by one, as plain text for simple controllers.</summary>
public static class Quantity
{
    private static readonly FrozenDictionary<string, Func<EffectiveLimits, string?>> Known = new Dictionary<string, Func<EffectiveLimits, string?>>(StringComparer.Ordinal)
    {
        ["importLimitW"] = limits => Text(limits.ImportLimitW),
        ["exportLimitW"] = limits => Text(limits.ExportLimitW),
        ["chargeLimitW"] = limits => Text(limits.ChargeLimitW),
        ["dischargeLimitW"] = limits => Text(limits.DischargeLimitW),
        ["generationLimitW"] = limits => Text(limits.GenerationLimitW),
        ["loadLimitW"] = limits => Text(limits.LoadLimitW),
        ["connect"] = limits => Text(limits.Connect),
        ["energize"] = limits => Text(limits.Energize),
        ["L1.importLimitA"] = limits => Text(limits.PerPhase?.L1?.ImportLimitA),
        ["L1.exportLimitA"] = limits => Text(limits.PerPhase?.L1?.ExportLimitA),
        ["L2.importLimitA"] = limits => Text(limits.PerPhase?.L2?.ImportLimitA),
        ["L2.exportLimitA"] = limits => Text(limits.PerPhase?.L2?.ExportLimitA),
        ["L3.importLimitA"] = limits => Text(limits.PerPhase?.L3?.ImportLimitA),
        ["L3.exportLimitA"] = limits => Text(limits.PerPhase?.L3?.ExportLimitA),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Their names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys.Order(StringComparer.Ordinal)];

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    /// <summary>The value in invariant text, <c>true</c>/<c>false</c> for booleans; empty where nothing is stated.</summary>
    public static string Of(EffectiveLimits limits, string name) => Known[name](limits) ?? string.Empty;

    private static string? Text<T>(Bound<T>? bound)
        where T : struct => bound switch
        {
            null => null,
            Bound<bool> flag => flag.Value ? "true" : "false",
            _ => Convert.ToString(bound.Value, CultureInfo.InvariantCulture),
        };
}
