using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace GridServices.Testing;

/// <summary>
/// Judges payloads of OpenADR 2.0b by <c>tests/Data/openadr/shapes.txt</c>: which children stand where and how often, which attributes, which text.
/// The schema set itself may not be carried.
/// </summary>
public sealed partial class PayloadShapes
{
    private static readonly Lazy<PayloadShapes> Loaded = new(() => new PayloadShapes(File.ReadAllLines(TestData.Path("openadr/shapes.txt"))));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Shape> _shapes = new(StringComparer.Ordinal);

    private PayloadShapes(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(l => !l.StartsWith('#')))
        {
            Add(line);
        }
    }

    /// <summary>What is wrong with a payload, each with its place; empty where nothing is.</summary>
    public static IReadOnlyList<string> Errors(XElement root)
    {
        var errors = new List<string>();
        Loaded.Value.Judge(root, string.Empty, errors);
        return errors;
    }

    /// <summary>The same of bytes.</summary>
    public static IReadOnlyList<string> Errors(byte[] xml) => Errors(XDocument.Load(new MemoryStream(xml)).Root!);

    private void Add(string line)
    {
        if (line.Split(' ') is ["prefix", var prefix, var space])
        {
            _prefixes[space] = prefix;
        }
        else if (line.Split(' ', 3) is ["list", var name, var members])
        {
            _lists[name] = $"({members})";
        }
        else if (Line().Match(line) is { Success: true } parts)
        {
            var body = parts.Groups["body"].Value;
            _shapes[parts.Groups["name"].Value] = new Shape(
                [.. parts.Groups["attributes"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                parts.Groups["kind"].Value == ":" ? Children(body) : null,
                body);
        }
        else
        {
            throw new FormatException($"shapes.txt: \"{line}\" is neither a prefix, a list nor a shape");
        }
    }

    private Regex Children(string body) => new(
        $"^{Name().Replace(_lists.Aggregate(body, (text, list) => text.Replace(list.Key, list.Value, StringComparison.Ordinal)), "(?:$0,)").Replace(" ", string.Empty, StringComparison.Ordinal)}$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience);

    private void Judge(XElement element, string parent, List<string> errors)
    {
        var name = GetName(element.Name);
        var place = $"{parent}/{name}";
        if (!_shapes.TryGetValue($"{(element.Parent is { } above ? GetName(above.Name) : string.Empty)}/{name}", out var shape) && !_shapes.TryGetValue(name, out shape))
        {
            errors.Add($"{place} is not known");
            return;
        }

        if (shape.Text == "anything")
        {
            return;
        }

        errors.AddRange(Attributes(element, shape).Select(a => $"{place}: {a}"));
        if (shape.Children is null)
        {
            if (element.HasElements || !Fits(shape.Text, element.Value))
            {
                errors.Add($"{place}: '{element.Value}' is not {shape.Text}");
            }

            return;
        }

        var children = string.Concat(element.Elements().Select(e => GetName(e.Name) + ","));
        if (!shape.Children.IsMatch(children) || element.Nodes().OfType<XText>().Any(t => !string.IsNullOrWhiteSpace(t.Value)))
        {
            errors.Add($"{place} has {children} instead of {shape.Text}");
        }

        foreach (var child in element.Elements())
        {
            Judge(child, place, errors);
        }
    }

    private IEnumerable<string> Attributes(XElement element, Shape shape)
    {
        var own = element.Attributes().Where(a => !a.IsNamespaceDeclaration && a.Name.NamespaceName != "http://www.w3.org/2001/XMLSchema-instance")
            .Select(a => "@" + (a.Name.Namespace == XNamespace.None ? a.Name.LocalName : GetName(a.Name))).ToList();
        return own.Where(a => !shape.Attributes.Contains(a) && !shape.Attributes.Contains(a + "?")).Select(a => $"{a} does not belong there")
            .Concat(shape.Attributes.Where(a => !a.EndsWith('?') && !own.Contains(a)).Select(a => $"{a} is missing"));
    }

    private string GetName(XName name) => $"{_prefixes.GetValueOrDefault(name.NamespaceName, $"{{{name.NamespaceName}}}")}:{name.LocalName}";

    private static bool Fits(string shape, string text)
    {
        if (shape.StartsWith("fixed ", StringComparison.Ordinal))
        {
            // Where it is empty the value is that one all the same.
            return text.Length == 0 || text == shape[6..];
        }

        if (shape.StartsWith("one of ", StringComparison.Ordinal))
        {
            var or = shape.Split(" or token matches ");
            return or[0][7..].Split(" | ").Contains(text.Trim()) || (or.Length > 1 && Regex.IsMatch(text.Trim(), $"^({or[1]})$", RegexOptions.ExplicitCapture, Patience));
        }

        var parts = shape.Split(" matches ");
        var words = parts[0].Split(' ');
        return (parts.Length == 1 || Regex.IsMatch(words[0] == "string" ? text : text.Trim(), $"^({parts[1]})$", RegexOptions.ExplicitCapture, Patience)) && HasType(words, text);
    }

    private static bool HasType(string[] words, string text) => words switch
    {
        ["string" or "anyURI"] => true,
        ["boolean"] => text.Trim() is "true" or "false" or "1" or "0",
        ["decimal"] => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _),
        ["float"] => IsNumber(text),
        ["list", "of", "double"] => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).All(IsNumber),
        ["dateTime"] => IsTime(text.Trim()),
        ["unsignedInt"] => uint.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _),
        ["unsignedInt", "minInclusive", var least, "maxInclusive", var most] => uint.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && n >= uint.Parse(least, CultureInfo.InvariantCulture) && n <= uint.Parse(most, CultureInfo.InvariantCulture),
        _ => throw new FormatException($"shapes.txt: \"{string.Join(' ', words)}\" is no kind of text"),
    };

    private static bool IsNumber(string text) => text.Trim() is "INF" or "-INF" or "NaN" || Number().IsMatch(text.Trim());

    private static bool IsTime(string text)
    {
        try
        {
            XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.RoundtripKind);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^(?<name>[^ =]+)(?<attributes>( @\S+)*) (?<kind>[:=]) ?(?<body>.*)$", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Line();

    [GeneratedRegex(@"[a-z]+:[\w.-]+", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Number();

    private sealed record Shape(IReadOnlyList<string> Attributes, Regex? Children, string Text);
}
