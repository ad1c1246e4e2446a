using System.Globalization;
using GridServices.Contracts.Json;

namespace GridServices.Contracts;

/// <summary>Single limits by name, as plain text: what <c>GET …/effective/now/{quantity}</c> answers.</summary>
public static class Quantities
{
    private static readonly Dictionary<string, Func<EffectiveLimits, string?>> ByName = new(StringComparer.Ordinal)
    {
        ["importLimitW"] = l => Text(l.ImportLimitW),
        ["exportLimitW"] = l => Text(l.ExportLimitW),
        ["chargeLimitW"] = l => Text(l.ChargeLimitW),
        ["dischargeLimitW"] = l => Text(l.DischargeLimitW),
        ["generationLimitW"] = l => Text(l.GenerationLimitW),
        ["loadLimitW"] = l => Text(l.LoadLimitW),
        ["connect"] = l => Text(l.Connect),
        ["energize"] = l => Text(l.Energize),
        ["L1.importLimitA"] = l => Text(l.PerPhase?.L1?.ImportLimitA),
        ["L1.exportLimitA"] = l => Text(l.PerPhase?.L1?.ExportLimitA),
        ["L2.importLimitA"] = l => Text(l.PerPhase?.L2?.ImportLimitA),
        ["L2.exportLimitA"] = l => Text(l.PerPhase?.L2?.ExportLimitA),
        ["L3.importLimitA"] = l => Text(l.PerPhase?.L3?.ImportLimitA),
        ["L3.exportLimitA"] = l => Text(l.PerPhase?.L3?.ExportLimitA),
    };

    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>
    /// The value as text, <c>60000</c>, <c>16.5</c> or <c>false</c>; empty where nothing is stated. Every power and current of a site that is told to disconnect or to cease to energize is 0,
    /// stated or not: who reads one number alone must not take it for unlimited. False when there is no such quantity.
    /// </summary>
    public static bool TryText(EffectiveLimits limits, string quantity, out string text)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var known = ByName.TryGetValue(quantity, out var read);
        text = read is null ? string.Empty : IsOff(limits) && quantity is not ("connect" or "energize") ? "0" : read(limits) ?? string.Empty;
        return known;
    }

    private static bool IsOff(EffectiveLimits limits) => limits.Connect is { Value: false } || limits.Energize is { Value: false };

    private static string? Text(Bound<long>? bound) => bound?.Value.ToString(CultureInfo.InvariantCulture);

    private static string? Text(Bound<decimal>? bound) => bound is null ? null : ExactDecimal.Text(bound.Value);

    private static string? Text(Bound<bool>? bound) => bound is null ? null : bound.Value ? "true" : "false";
}
