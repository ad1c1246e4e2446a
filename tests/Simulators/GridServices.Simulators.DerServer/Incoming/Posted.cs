using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;

namespace GridServices.Simulators.DerServer.Incoming;

/// <summary>A body a client sent. Every doubt ends as 400 with words.</summary>
internal sealed class Posted(XElement root)
{
    private const int MaxCharacters = 1024 * 1024;
    private const int MaxPower = 9;

    public XElement Root { get; } = root;

    public string Name => Root.Name.LocalName;

    public static Posted Read(SimRequest request, SepXml dialect, params string[] names)
    {
        try
        {
            using var reader = XmlReader.Create(
                new MemoryStream(request.Body.ToArray()),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters });
            var root = XElement.Load(reader);
            var complaint = !names.Contains(root.Name.LocalName, StringComparer.Ordinal)
                ? $"{root.Name.LocalName} came where {string.Join(" or ", names)} belongs"
                : SchemaOrder.Complaint(root, dialect);
            return complaint is null ? new Posted(root) : throw new ProblemException(400, complaint);
        }
        catch (XmlException wrong)
        {
            throw new ProblemException(400, $"no XML: {wrong.Message}", reasonCode: 0);
        }
    }

    public string Text(string name) => TextOrNull(Root, name) ?? throw new ProblemException(400, $"{Name} lacks {name}");

    public string? Optional(string name) => TextOrNull(Root, name);

    public long Number(string name) => Number(Root, name);

    public static long Number(XElement e, string name) => long.TryParse(TextOrNull(e, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new ProblemException(400, $"{e.Name.LocalName} lacks a number {name}");

    /// <summary>Text of a child, whatever its namespace.</summary>
    public static string? TextOrNull(XElement e, string name) => e.Elements().FirstOrDefault(c => c.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    public static uint Hex(string text, string name) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) && text.Length % 2 == 0
        ? bits
        : throw new ProblemException(400, $"{name} {text} is not hex");

    public string MRid(string name = "mRID") => MRid(Root, name);

    public static string MRid(XElement e, string name = "mRID") => TextOrNull(e, name) is { Length: > 0 and <= 32 } text && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
        ? text
        : throw new ProblemException(400, $"{e.Name.LocalName} lacks a legible {name}");

    /// <summary>value × 10^multiplier of a child; null where it is absent.</summary>
    public static decimal? Amount(XElement? e)
    {
        if (e is null)
        {
            return null;
        }

        return Scaled(Number(e, "value"), Number(e, "multiplier"));
    }

    /// <summary>value × 10^power.</summary>
    public static decimal Scaled(decimal value, long power)
    {
        if (power is < -MaxPower or > MaxPower)
        {
            throw new ProblemException(400, $"10^{power} is not plausible");
        }

        for (; power != 0; power -= Math.Sign(power))
        {
            value = power > 0 ? value * 10 : value / 10;
        }

        return value;
    }
}
