using System.Xml.Linq;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Namespaces on the wire.</summary>
internal static class Ns
{
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    public static readonly XNamespace Base = "urn:ieee:std:2030.5:ns";
    public static readonly XNamespace CsipAus12 = "https://csipaus.org/ns";
    public static readonly XNamespace CsipAus13 = "https://csipaus.org/ns/v1.3";

    // EPRI's open client and server stand on the schema of 2013.
    private const string Epri = "http://ieee.org/2030.5";

    public static bool IsBase(string ns) =>
        string.Equals(ns, Base.NamespaceName, StringComparison.Ordinal) || string.Equals(ns, Epri, StringComparison.Ordinal);

    /// <summary>Any version: 1.1 and 1.2 share one namespace, later ones have their own.</summary>
    public static bool IsCsipAus(string ns) =>
        ns.StartsWith(CsipAus12.NamespaceName, StringComparison.Ordinal)
        && (ns.Length == CsipAus12.NamespaceName.Length || ns[CsipAus12.NamespaceName.Length] == '/');

    public static XNamespace? Extension(Sep2Dialect dialect) => dialect switch
    {
        Sep2Dialect.CsipAus12 => CsipAus12,
        Sep2Dialect.CsipAus13 => CsipAus13,
        _ => null,
    };
}
