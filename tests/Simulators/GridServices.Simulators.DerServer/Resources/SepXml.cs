using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>Makes the XML of a dialect. Nothing is written for null.</summary>
public sealed class SepXml(string? extensionNamespace)
{
    public static readonly XNamespace Base = "urn:ieee:std:2030.5:ns";

    private static readonly XmlWriterSettings Utf8 = new() { Encoding = new UTF8Encoding(false) };

    /// <summary>Null = no CSIP-AUS.</summary>
    public XNamespace? Extension { get; } = extensionNamespace is null ? null : XNamespace.Get(extensionNamespace);

    public static XElement El(string name, params object?[] content) => new(Base + name, content);

    public static XElement? Opt(string name, object? value) => value is null ? null : El(name, value);

    public static XAttribute? At(string name, object? value) => value is null ? null : new XAttribute(name, value);

    public XElement? Ext(string name, params object?[] content) => Extension is null ? null : new XElement(Extension + name, content);

    public static XElement Link(string name, string href, int? all = null) => El(name, At("href", href), At("all", all));

    /// <summary>The page of a list that was asked for.</summary>
    public static XElement List(string name, string href, Paging page, IReadOnlyList<XElement> items, int? pollRate, bool subscribable)
    {
        var shown = items.Skip(page.Start).Take(page.Limit).ToList();
        return El(name, At("href", href), At("subscribable", subscribable ? 1 : null), At("all", items.Count), At("results", shown.Count), At("pollRate", pollRate), shown);
    }

    public byte[] Bytes(XElement root)
    {
        if (Extension is not null)
        {
            root.SetAttributeValue(XNamespace.Xmlns + "csipaus", Extension.NamespaceName);
        }

        using var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, Utf8))
        {
            root.Save(writer);
        }

        return buffer.ToArray();
    }
}

/// <summary>s and l of a list request; without l a server gives one item.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Paging(int Start, int Limit)
{
    public const int Most = 255;

    /// <exception cref="Model.ProblemException">s or l is no number.</exception>
    public static Paging Parse(string query)
    {
        var (start, limit) = (0, 1);
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (pair, string.Empty) : (pair[..equals], pair[(equals + 1)..]);
            start = name is "s" ? Number(name, value) : start;
            limit = name is "l" ? Number(name, value) : limit;
        }

        return new(start, Math.Min(limit, Most));
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, out var number) && number >= 0 ? number : throw new Model.ProblemException(400, $"{name}={value} is no number");
}
