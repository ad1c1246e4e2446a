using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Registry;

public sealed class TariffSchemaTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>UPDATE_SNAPSHOTS=1 writes the schema anew.</summary>
    [Fact]
    public async Task The_checked_in_schema_is_what_the_reader_reads()
    {
        var text = Schema().ToJsonString(Indented) + "\n";
        var path = Path.Combine(RepositoryRoot.Path, "contracts", "v1", "schemas", "tariff.schema.json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text);
    }

    [Fact]
    public async Task Every_member_of_every_documented_tariff_stands_in_the_schema()
    {
        var schema = Schema();
        var requests = (await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "tariffs.md"), TestContext.Current.CancellationToken)).Split("```json request").Skip(1)
            .Select(p => JsonNode.Parse(p[..p.IndexOf("```", StringComparison.Ordinal)])!).ToArray();
        var tariffs = requests.SelectMany(r => r["tariffs"]?.AsArray().ToArray() ?? [r["tariff"]]).ToArray();
        Assert.True(tariffs.Length >= 5);
        Assert.Empty(tariffs.SelectMany(t => Unknown(t!, schema, schema, string.Empty)));
        Assert.NotEmpty(Unknown(JsonNode.Parse("""{"energy":[{"rats":[]}]}""")!, schema, schema, string.Empty));
    }

    private static IEnumerable<string> Unknown(JsonNode value, JsonNode schema, JsonNode root, string at)
    {
        if (schema is JsonObject && schema["$ref"] is { } reference)
        {
            schema = reference.GetValue<string>()[1..].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, (node, step) => node[step]!);
        }

        return value switch
        {
            JsonObject members when schema["properties"] is { } known => members.SelectMany(m =>
                known[m.Key] is { } member ? Unknown(m.Value!, member, root, $"{at}/{m.Key}") : [$"{at}/{m.Key}"]),
            JsonArray items when schema["items"] is { } item => items.SelectMany((v, i) => Unknown(v!, item, root, $"{at}/{i}")),
            _ => [],
        };
    }

    private static JsonObject Schema()
    {
        var schema = TariffJson.Options.GetJsonSchemaAsNode(typeof(Tariff), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Described }).AsObject();
        var whole = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "https://gridservices.example/contracts/v1/schemas/tariff.schema.json",
            ["title"] = "Tariff",
            ["description"] = "One version of a tariff, schema v1. Beyond this schema the reader checks references, order and that every moment has a period.",
        };
        foreach (var (name, value) in schema.ToArray())
        {
            schema.Remove(name);
            whole[name] = value;
        }

        return whole;
    }

    private static JsonNode Described(JsonSchemaExporterContext context, JsonNode node)
    {
        var type = context.TypeInfo.Type;
        var isOptional = Nullable.GetUnderlyingType(type) is not null;
        return (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(decimal) => CreateSchema(["number", "string"], isOptional),
            var t when t == typeof(LocalDate) => CreateSchema(["string"], isOptional, format: "date"),
            var t when t == typeof(Instant) => CreateSchema(["string"], isOptional, format: "date-time"),
            var t when t == typeof(Duration) => CreateSchema(["string"], isOptional, format: "duration"),
            var t when t == typeof(AnnualDate) => CreateSchema(["string"], isOptional, pattern: "^[0-9]{2}-[0-9]{2}$"),
            var t when t == typeof(YearMonth) => CreateSchema(["string"], isOptional, pattern: "^[0-9]{4}-[0-9]{2}$"),
            var t when t == typeof(DayTime) => CreateSchema(["string"], isOptional, pattern: "^([01][0-9]|2[0-4]):[0-5][0-9]$"),
            _ => node,
        };
    }

    private static JsonObject CreateSchema(string[] types, bool isOptional, string? format = null, string? pattern = null)
    {
        string[] all = isOptional ? [.. types, "null"] : types;
        var schema = new JsonObject { ["type"] = all.Length == 1 ? all[0] : new JsonArray([.. all.Select(t => (JsonNode)t)]) };
        foreach (var (name, value) in new[] { ("format", format), ("pattern", pattern) })
        {
            if (value is not null)
            {
                schema[name] = value;
            }
        }

        return schema;
    }
}
