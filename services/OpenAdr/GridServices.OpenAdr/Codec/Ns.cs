using System.Xml.Linq;

namespace GridServices.OpenAdr.Codec;

/// <summary>The namespaces of OpenADR 2.0b, with the prefixes they are written with.</summary>
internal static class Ns
{
    public const string Oadr20a = "http://openadr.org/oadr-2.0a/2012/07";
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    public static readonly XNamespace Oadr = "http://openadr.org/oadr-2.0b/2012/07";
    public static readonly XNamespace Ei = "http://docs.oasis-open.org/ns/energyinterop/201110";
    public static readonly XNamespace Pyld = "http://docs.oasis-open.org/ns/energyinterop/201110/payloads";
    public static readonly XNamespace Emix = "http://docs.oasis-open.org/ns/emix/2011/06";
    public static readonly XNamespace Power = "http://docs.oasis-open.org/ns/emix/2011/06/power";
    public static readonly XNamespace Scale = "http://docs.oasis-open.org/ns/emix/2011/06/siscale";
    public static readonly XNamespace Xcal = "urn:ietf:params:xml:ns:icalendar-2.0";
    public static readonly XNamespace Strm = "urn:ietf:params:xml:ns:icalendar-2.0:stream";
    public static readonly XNamespace Gml = "http://www.opengis.net/gml/3.2";
    public static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static IReadOnlyList<(string Prefix, XNamespace Namespace)> Prefixes { get; } =
    [
        ("oadr", Oadr), ("ei", Ei), ("pyld", Pyld), ("emix", Emix), ("power", Power), ("scale", Scale),
        ("xcal", Xcal), ("strm", Strm), ("gml", Gml), ("atom", Atom),
    ];
}
