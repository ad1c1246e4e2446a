using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace GridServices.Hosting.OpenApi;

/// <summary>
/// The named schemas of a document: what is read and what is written. A type that looks the same both ways has one schema; one that does not
/// (defaults may be left out but are always answered; decimals come as numbers and go as texts) is read as <c>…Input</c>.
/// </summary>
internal sealed partial class SchemaSet
{
    private const string Input = "Input";

    private SchemaSet(SchemaBuilder read, SchemaBuilder write) => (Read, Write) = (read, write);

    internal SchemaBuilder Read { get; }

    internal SchemaBuilder Write { get; }

    /// <param name="about">How the service reads and writes.</param>
    /// <param name="read">Types of bodies.</param>
    /// <param name="written">Types of answers.</param>
    /// <param name="document">Where the schemas go.</param>
    internal static async Task<SchemaSet> CreateAsync(ApiAbout about, IReadOnlyList<Type> read, IReadOnlyList<Type> written, OpenApiDocument document)
    {
        var comments = new XmlComments();
        SchemaSet Build(Func<Type, string> inputName)
        {
            var set = new SchemaSet(
                new SchemaBuilder(about.Read, isRead: true, about.RefusesUnknownMembers, inputName, comments, document, about.WrittenAs),
                new SchemaBuilder(about.Write, isRead: false, refusesUnknown: false, GetName, comments, document, about.WrittenAs));
            read.ToList().ForEach(type => set.Read.Build(type));
            written.ToList().ForEach(type => set.Write.Build(type));
            return set;
        }

        var apart = Build(type => GetName(type) + Input);
        var differing = await DifferingAsync(apart);
        var final = Build(type => GetName(type) + (differing.Contains(type) ? Input : string.Empty));
        foreach (var (type, schema) in final.Read.Named)
        {
            document.Components!.Schemas![GetName(type) + (differing.Contains(type) ? Input : string.Empty)] = schema;
        }

        foreach (var (type, schema) in final.Write.Named)
        {
            document.Components!.Schemas![GetName(type)] = schema;
        }

        return final;
    }

    /// <summary>Types read and written in different forms, also where only something inside them differs.</summary>
    private static async Task<HashSet<Type>> DifferingAsync(SchemaSet set)
    {
        var both = set.Read.Named.Keys.Where(set.Write.Named.ContainsKey).ToList();
        var texts = new Dictionary<Type, (string Read, string Write)>();
        foreach (var type in both)
        {
            texts[type] = (InputReference().Replace(await TextAsync(set.Read.Named[type]), "\""), await TextAsync(set.Write.Named[type]));
        }

        var differing = both.Where(t => texts[t].Read != texts[t].Write).ToHashSet();
        for (var before = -1; before != differing.Count;)
        {
            before = differing.Count;
            var names = differing.Select(t => $"/{GetName(t)}\"").ToList();
            differing.UnionWith(both.Where(t => names.Exists(n => texts[t].Read.Contains(n, StringComparison.Ordinal))));
        }

        return differing;
    }

    private static async Task<string> TextAsync(OpenApiSchema schema) => JsonNode.Parse(await schema.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1))!.ToJsonString();

    /// <summary>As in code, a generic type with its arguments: <c>BoundOfInt64</c>.</summary>
    internal static string GetName(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}Of{string.Concat(type.GetGenericArguments().Select(GetName))}"
        : type.Name;

    [GeneratedRegex("(?<=#/components/schemas/[A-Za-z0-9]+)Input\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InputReference();
}
