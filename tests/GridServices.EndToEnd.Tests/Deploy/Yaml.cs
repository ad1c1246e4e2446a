using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>YAML files as trees; every scalar is a text. A key that stands twice is a fault.</summary>
internal static class Yaml
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithDuplicateKeyChecking().Build();
    private static readonly ISerializer Json = new SerializerBuilder().JsonCompatible().DisableAliases().Build();

    public static JsonNode Read(string file) => Assert.Single(ReadAll(file));

    /// <summary>The documents of a file.</summary>
    public static IReadOnlyList<JsonNode> ReadAll(string file)
    {
        using var text = File.OpenText(file);
        var parser = new Parser(text);
        parser.Consume<StreamStart>();
        var documents = new List<JsonNode>();
        while (parser.Accept<DocumentStart>(out _))
        {
            documents.Add(JsonNode.Parse(Json.Serialize(Reader.Deserialize<object>(parser)))!);
        }

        return documents;
    }

    public static string Text(this JsonNode? node, string name) => (node as JsonObject)?[name]?.ToString() ?? string.Empty;

    public static IEnumerable<JsonNode> Items(this JsonNode? node) => node is JsonArray items ? items.OfType<JsonNode>() : [];

    public static IEnumerable<KeyValuePair<string, JsonNode?>> Members(this JsonNode? node) => node is JsonObject members ? members : [];

    /// <summary>The node itself and everything below it.</summary>
    public static IEnumerable<JsonNode> Everything(this JsonNode node) =>
        [node, .. node switch
        {
            JsonObject members => members.Select(member => member.Value).OfType<JsonNode>().SelectMany(Everything),
            JsonArray items => items.OfType<JsonNode>().SelectMany(Everything),
            _ => [],
        }];
}
