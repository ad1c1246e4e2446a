using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace GridServices.Hosting.OpenApi;

/// <summary>The XML documentation beside our assemblies, as plain text; absent where the file is.</summary>
internal sealed partial class XmlComments
{
    private readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> _files = new();

    /// <summary>What a type is.</summary>
    internal string? FindSummary(Type type) => Text(Find(type)?.Element("summary"));

    /// <summary>What a member is: of its property, or of the record's parameter of that name.</summary>
    internal string? FindSummary(PropertyInfo property)
    {
        var owner = GetDefinition(property.DeclaringType!);
        return Text(Members(owner.Assembly).GetValueOrDefault($"P:{GetName(owner)}.{property.Name}")?.Element("summary"))
            ?? Text(Find(owner)?.Elements("param").FirstOrDefault(p => (string?)p.Attribute("name") == property.Name));
    }

    private XElement? Find(Type type) => Members(type.Assembly).GetValueOrDefault("T:" + GetName(GetDefinition(type)));

    private static Type GetDefinition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static string GetName(Type type) => type.FullName!.Replace('+', '.');

    private Dictionary<string, XElement> Members(Assembly assembly) => _files.GetOrAdd(assembly, static of =>
    {
        var file = Path.Combine(AppContext.BaseDirectory, of.GetName().Name + ".xml");
        if (of.GetName().Name?.StartsWith("GridServices.", StringComparison.Ordinal) != true || !File.Exists(file))
        {
            return [];
        }

        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader).Descendants("member").Where(m => m.Attribute("name") is not null).ToDictionary(m => (string)m.Attribute("name")!, StringComparer.Ordinal);
    });

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = Space().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" or "paramref" } link => Link((string?)link.Attribute("cref") ?? (string?)link.Attribute("name") ?? link.Value),
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => string.Empty,
    };

    /// <summary>A reference by the name it has on the wire.</summary>
    private static string Link(string reference) => JsonNamingPolicy.CamelCase.ConvertName(reference.Split('(')[0].Split('.', ':')[^1].Split('`')[0]);

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Space();
}
