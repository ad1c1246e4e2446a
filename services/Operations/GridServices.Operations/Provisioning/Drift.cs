using System.Globalization;
using System.Text.Json;
using GridServices.Wire;

namespace GridServices.Operations.Provisioning;

/// <summary>One difference between what should be at a service and what is.</summary>
/// <param name="Pointer">JSON Pointer; empty = the whole document.</param>
/// <param name="Wanted">JSON text; null = not wanted.</param>
/// <param name="Found">JSON text; null = not there.</param>
public sealed record DriftItem(string Pointer, string? Wanted, string? Found);

/// <summary>Compares documents. Numbers are equal by value, members by name, lists item by item; null and absent are the same.</summary>
public static class Drift
{
    /// <summary>Every difference, both ways, by pointer.</summary>
    public static ValueList<DriftItem> Between(string wanted, string found) => Compare(wanted, found, bothWays: true);

    /// <summary>Only what was wanted and is not there: what a service adds as its defaults is no difference.</summary>
    public static ValueList<DriftItem> Missing(string wanted, string found) => Compare(wanted, found, bothWays: false);

    private static ValueList<DriftItem> Compare(string wanted, string found, bool bothWays)
    {
        using var left = JsonDocument.Parse(wanted);
        using var right = JsonDocument.Parse(found);
        var items = new List<DriftItem>();
        CompareElements(left.RootElement, right.RootElement, string.Empty, bothWays, items);
        return items.OrderBy(i => i.Pointer, StringComparer.Ordinal).ToValueList();
    }

    private static void CompareElements(JsonElement? wanted, JsonElement? found, string pointer, bool bothWays, List<DriftItem> items)
    {
        var (left, right) = (Stated(wanted), Stated(found));
        if (left is { ValueKind: JsonValueKind.Object } leftObject && right is { ValueKind: JsonValueKind.Object } rightObject)
        {
            Members(leftObject, rightObject, pointer, bothWays, items);
        }
        else if (left is { ValueKind: JsonValueKind.Array } leftList && right is { ValueKind: JsonValueKind.Array } rightList && leftList.GetArrayLength() == rightList.GetArrayLength())
        {
            foreach (var (i, pair) in leftList.EnumerateArray().Zip(rightList.EnumerateArray()).Index())
            {
                CompareElements(pair.First, pair.Second, $"{pointer}/{i}", bothWays, items);
            }
        }
        else if (!AreEqual(left, right) && (bothWays || left is not null))
        {
            items.Add(new DriftItem(pointer, left?.GetRawText(), right?.GetRawText()));
        }
    }

    private static void Members(JsonElement wanted, JsonElement found, string pointer, bool bothWays, List<DriftItem> items)
    {
        foreach (var name in wanted.EnumerateObject().Concat(found.EnumerateObject()).Select(m => m.Name).Distinct(StringComparer.Ordinal))
        {
            CompareElements(Member(wanted, name), Member(found, name), $"{pointer}/{Escape(name)}", bothWays, items);
        }
    }

    private static JsonElement? Member(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? Stated(JsonElement? element) => element is { ValueKind: JsonValueKind.Null } ? null : element;

    private static bool AreEqual(JsonElement? left, JsonElement? right) => (left, right) switch
    {
        (null, null) => true,
        ({ ValueKind: JsonValueKind.Number } a, { ValueKind: JsonValueKind.Number } b) => AreEqualNumbers(a.GetRawText(), b.GetRawText()),
        ({ } a, { } b) => a.ValueKind == b.ValueKind && JsonElement.DeepEquals(a, b),
        _ => false,
    };

    private static bool AreEqualNumbers(string left, string right) =>
        string.Equals(left, right, StringComparison.Ordinal)
        || (decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b) && a == b);

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
