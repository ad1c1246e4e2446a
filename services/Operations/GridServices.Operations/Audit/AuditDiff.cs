using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Wire;

namespace GridServices.Operations.Audit;

/// <summary>What became different between two JSON documents, member by member, masked.</summary>
public static class AuditDiff
{
    /// <summary>More changes than these are told by their number.</summary>
    public const int MostChanges = 200;

    /// <summary>Pointer of the entry that tells how many more changes there were.</summary>
    public const string More = "…";

    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false };

    /// <param name="entityKind">Decides, with a member's name, whether its value may be shown.</param>
    /// <param name="before">JSON; null = it did not exist.</param>
    /// <param name="after">JSON; null = it was removed.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static ValueList<AuditChange> Between(string entityKind, string? before, string? after)
    {
        var changes = new List<AuditChange>();
        Compare(entityKind, string.Empty, null, new Side(before is not null, Parse(before)), new Side(after is not null, Parse(after)), changes);
        return changes.Count <= MostChanges
            ? [.. changes]
            : [.. changes.Take(MostChanges), new AuditChange(More, null, (changes.Count - MostChanges).ToString(System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json, documentOptions: Reading);

    private static void Compare(string kind, string pointer, string? mask, Side before, Side after, List<AuditChange> changes)
    {
        if (before.Exists == after.Exists && JsonNode.DeepEquals(before.Value, after.Value))
        {
            return;
        }

        if (mask is not null)
        {
            changes.Add(new AuditChange(pointer, before.Exists ? Quoted(mask) : null, after.Exists ? Quoted(mask) : null));
        }
        else if (before.Value is JsonObject was && after.Value is JsonObject now)
        {
            foreach (var name in was.Select(m => m.Key).Union(now.Select(m => m.Key), StringComparer.Ordinal))
            {
                Compare(kind, $"{pointer}/{Escaped(name)}", AuditMask.FindMask(kind, name), Member(was, name), Member(now, name), changes);
            }
        }
        else if (before.Value is JsonArray old && after.Value is JsonArray current)
        {
            for (var i = 0; i < Math.Max(old.Count, current.Count); i++)
            {
                Compare(kind, $"{pointer}/{i}", null, Item(old, i), Item(current, i), changes);
            }
        }
        else
        {
            changes.Add(new AuditChange(pointer, AuditMask.Text(kind, before.Value, before.Exists), AuditMask.Text(kind, after.Value, after.Exists)));
        }
    }

    private static Side Member(JsonObject holder, string name) => new(holder.TryGetPropertyValue(name, out var value), value);

    private static Side Item(JsonArray holder, int index) => index < holder.Count ? new(true, holder[index]) : new(false, null);

    private static string Quoted(string mask) => JsonValue.Create(mask).ToJsonString();

    private static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private readonly record struct Side(bool Exists, JsonNode? Value);
}
