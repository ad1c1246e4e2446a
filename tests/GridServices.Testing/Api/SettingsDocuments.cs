using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.OpenApi;

namespace GridServices.Testing;

/// <summary>What is written about settings, made from the records that the services bind: each service's appsettings.json and the tables of docs/operations.md.</summary>
public static class SettingsDocuments
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly XmlComments Comments = new();

    /// <summary>Every key of a service with its default.</summary>
    public static string AppSettings(IEnumerable<KnownSettings> records)
    {
        var root = new JsonObject();
        foreach (var row in records.SelectMany(ReadRows).OrderBy(row => row.Section, StringComparer.Ordinal))
        {
            var section = row.Section.Length == 0 ? root : (JsonObject)(root[row.Section] ??= new JsonObject());
            section.Add(row.Name, row.Default?.DeepClone());
        }

        return root.ToJsonString(Indented) + "\n";
    }

    /// <summary>A table for each set of services that have the same keys, the most common ones first.</summary>
    public static string Tables(IReadOnlyDictionary<string, IReadOnlyList<KnownSettings>> services)
    {
        var tables = new StringBuilder();
        var groups = services
            .SelectMany(service => service.Value.SelectMany(ReadRows), (service, row) => (Service: service.Key, Row: row))
            .GroupBy(found => found.Row.Key, (_, found) => (found.First().Row, Services: found.Select(f => f.Service).ToList()))
            .GroupBy(found => string.Join(", ", found.Services), (names, rows) => (Names: names, rows.First().Services.Count, Rows: rows.Select(r => r.Row).ToList()))
            .OrderByDescending(group => group.Count);
        foreach (var group in groups)
        {
            tables.Append($"### {(group.Count == services.Count ? "Every service" : group.Names)}\n| key | default | meaning |\n|---|---|---|\n");
            foreach (var row in group.Rows.OrderBy(row => row.Section, StringComparer.Ordinal))
            {
                tables.Append($"| `{row.Key}` | {Shown(row.Default)} | {row.Meaning} |\n");
            }

            tables.Append('\n');
        }

        return tables.ToString();
    }

    private static IEnumerable<Row> ReadRows(KnownSettings record)
    {
        var defaults = Activator.CreateInstance(record.Type)!;
        return record.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null)
            .OrderBy(property => property.MetadataToken)
            .Select(property => new Row(
                record.Section,
                property.Name,
                property.GetValue(defaults) is Enum word ? JsonValue.Create(word.ToString()) : JsonSerializer.SerializeToNode(property.GetValue(defaults), property.PropertyType),
                Comments.FindSummary(property) ?? throw new InvalidOperationException($"{record.Type.Name}.{property.Name} says nothing of itself: give it a summary.")));
    }

    private static string Shown(JsonNode? value) => value switch
    {
        null or JsonArray { Count: 0 } or JsonObject { Count: 0 } => string.Empty,
        JsonValue text when text.GetValueKind() == JsonValueKind.String => $"`{text.GetValue<string>()}`",
        _ => $"`{value.ToJsonString()}`",
    };

    private sealed record Row(string Section, string Name, JsonNode? Default, string Meaning)
    {
        public string Key => Section.Length == 0 ? Name : $"{Section}:{Name}";
    }
}
