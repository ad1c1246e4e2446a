using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>The namespaces of OpenADR 2.0b.</summary>
internal static class Ns
{
    public static readonly XNamespace Oadr = "http://openadr.org/oadr-2.0b/2012/07";
    public static readonly XNamespace Ei = "http://docs.oasis-open.org/ns/energyinterop/201110";
    public static readonly XNamespace Pyld = "http://docs.oasis-open.org/ns/energyinterop/201110/payloads";
    public static readonly XNamespace Emix = "http://docs.oasis-open.org/ns/emix/2011/06";
    public static readonly XNamespace Power = "http://docs.oasis-open.org/ns/emix/2011/06/power";
    public static readonly XNamespace Scale = "http://docs.oasis-open.org/ns/emix/2011/06/siscale";
    public static readonly XNamespace Xcal = "urn:ietf:params:xml:ns:icalendar-2.0";
    public static readonly XNamespace Strm = "urn:ietf:params:xml:ns:icalendar-2.0:stream";
}

/// <summary>Bytes to message and back. Deliberately the simulator's own code: it is a judge of the VEN, so it shares nothing with it.</summary>
internal static class Payload
{
    private static readonly XmlReaderSettings Reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 8 * 1024 * 1024,
        IgnoreWhitespace = true,
    };

    /// <exception cref="XmlException">The bytes are not XML, or carry a DTD.</exception>
    public static XElement Parse(byte[] bytes)
    {
        using var reader = XmlReader.Create(new MemoryStream(bytes), Reading);
        return XElement.Load(reader);
    }

    /// <summary>The message itself, whether it came wrapped in oadrPayload/oadrSignedObject or bare.</summary>
    public static XElement Message(XElement root) =>
        root.Name == Ns.Oadr + "oadrPayload" ? root.Element(Ns.Oadr + "oadrSignedObject")?.Elements().FirstOrDefault() ?? root : root;

    public static XElement Wrap(XElement message) =>
        new(Ns.Oadr + "oadrPayload",
            new XAttribute(XNamespace.Xmlns + "oadr", Ns.Oadr), new XAttribute(XNamespace.Xmlns + "ei", Ns.Ei),
            new XAttribute(XNamespace.Xmlns + "pyld", Ns.Pyld), new XAttribute(XNamespace.Xmlns + "xcal", Ns.Xcal),
            new XAttribute(XNamespace.Xmlns + "strm", Ns.Strm), new XAttribute(XNamespace.Xmlns + "emix", Ns.Emix),
            new XAttribute(XNamespace.Xmlns + "power", Ns.Power), new XAttribute(XNamespace.Xmlns + "scale", Ns.Scale),
            new XElement(Ns.Oadr + "oadrSignedObject", message));

    public static byte[] Bytes(XElement root)
    {
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = false }))
        {
            root.Save(writer);
        }

        return stream.ToArray();
    }

    /// <summary>A root message of the 2.0b profile with its schemaVersion (rule 509).</summary>
    public static XElement Root(string name, params object?[] content) =>
        new(Ns.Oadr + name, new XAttribute(Ns.Ei + "schemaVersion", "2.0b"), content);

    public static XElement EiResponse(string code, string description, string? requestId) =>
        new(Ns.Ei + "eiResponse", new XElement(Ns.Ei + "responseCode", code), new XElement(Ns.Ei + "responseDescription", description),
            new XElement(Ns.Pyld + "requestID", requestId ?? ""));

    public static XElement RequestId(string id) => new(Ns.Pyld + "requestID", id);

    public static XElement VenId(string id) => new(Ns.Ei + "venID", id);

    /// <summary>Trimmed text of the first descendant of that name, or null where it is absent or empty (rule 46).</summary>
    public static string? Find(this XElement message, XName name) =>
        message.Descendants(name).FirstOrDefault()?.Value.Trim() is { Length: > 0 } text ? text : null;

    public static string? Text(this XElement parent, XName name) => parent.Element(name)?.Value.Trim() is { Length: > 0 } text ? text : null;
}
