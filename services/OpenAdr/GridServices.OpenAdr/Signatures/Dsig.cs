using System.Collections.Frozen;

namespace GridServices.OpenAdr.Signatures;

/// <summary>Names and algorithms of XML Signature as OpenADR 2.0b 10.6 uses them.</summary>
internal static class Dsig
{
    public const string Oadr = "http://openadr.org/oadr-2.0b/2012/07";
    public const string Namespace = "http://www.w3.org/2000/09/xmldsig#";
    public const string Encryption = "http://www.w3.org/2001/04/xmlenc#";
    public const string Properties = "http://openadr.org/oadr-2.0b/2012/07/xmldsig-properties";

    public const string C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    public const string ExclusiveC14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
    public const string WithComments = "#WithComments";
    public const string ExclusiveWithComments = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";

    public const string RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    public const string EcdsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    public const string Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

    /// <summary>No payload that is taken has comments, so that forms with and without them are the same.</summary>
    public static FrozenSet<string> Canonicalizations { get; } = new[] { C14N, C14N + WithComments, ExclusiveC14N, ExclusiveWithComments }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsExclusive(string algorithm) => algorithm is ExclusiveC14N or ExclusiveWithComments;
}
