using System.Collections.Frozen;
using System.Text;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>What is spoken with a utility: decides namespaces and media types of what is written. Reading takes all of them.</summary>
public enum Sep2Dialect
{
    /// <summary>IEEE 2030.5-2018 without extensions.</summary>
    Ieee2018,

    /// <summary>CSIP-AUS 1.1 and 1.2.</summary>
    CsipAus12,

    /// <summary>CSIP-AUS 1.3.</summary>
    CsipAus13,
}

/// <summary>Media types of a dialect.</summary>
public static class Sep2Media
{
    /// <summary>The plain media type of XML, without parameters.</summary>
    public const string Xml = "application/sep+xml";

    private static readonly FrozenSet<string> Taken = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, Xml, "application/xml", "text/xml");

    /// <summary>Value of Accept and Content-Type. CSIP-AUS 1.3 servers answer 406 or 415 without the version.</summary>
    public static string MediaType(this Sep2Dialect dialect) => dialect is Sep2Dialect.CsipAus13 ? "application/sep+xml; csipaus=1.3" : Xml;

    /// <summary>True for an HTML page, by its type or, where it claims none or another, by how it begins.</summary>
    public static bool IsWebPage(string? contentType, ReadOnlySpan<byte> body)
    {
        var start = Encoding.Latin1.GetString(body[..Math.Min(body.Length, 256)]).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        return contentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true
            || start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The body in UTF-8: RFC 7303 has the charset of the header count where the document itself says nothing. What is UTF-8 all the same stays as it is,
    /// as some servers name another charset for everything they send.
    /// </summary>
    public static ReadOnlyMemory<byte> Utf8(string? contentType, ReadOnlyMemory<byte> body) =>
        SingleByteCharset(contentType) is { } charset && !System.Text.Unicode.Utf8.IsValid(body.Span) && !NamesItsEncoding(body.Span)
            ? Encoding.UTF8.GetBytes(charset.GetString(body.Span))
            : body;

    /// <summary>UNSUPPORTED_MEDIA where a body claims to be no XML, e.g. a login page with status 200; null where it may be read. A missing type may.</summary>
    public static ReadError? Check(string? contentType)
    {
        var semicolon = contentType?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        var type = (semicolon < 0 ? contentType : contentType![..semicolon])?.Trim();
        return string.IsNullOrEmpty(type) || Taken.Contains(type)
            ? null
            : new ReadError(ErrorClass.UnsupportedMedia, "/", $"the body is {SafeText.Quote(type)}; {Xml} is expected");
    }

    // Windows-1252 differs from Latin-1 in quotation marks and the like alone, which stand in descriptions.
    private static Encoding? SingleByteCharset(string? contentType) =>
        (contentType ?? string.Empty).Split(';').Skip(1).Select(p => p.Split('=', 2))
            .FirstOrDefault(p => p.Length == 2 && p[0].Trim().Equals("charset", StringComparison.OrdinalIgnoreCase))?[1].Trim().Trim('"').ToUpperInvariant()
            is "ISO-8859-1" or "LATIN1" or "ISO-8859-15" or "WINDOWS-1252" or "US-ASCII"
            ? Encoding.Latin1
            : null;

    private static bool NamesItsEncoding(ReadOnlySpan<byte> body)
    {
        var start = Encoding.Latin1.GetString(body[..Math.Min(body.Length, 256)]);
        return start.StartsWith("<?xml", StringComparison.Ordinal) && start[..Math.Max(0, start.IndexOf("?>", StringComparison.Ordinal))].Contains("encoding", StringComparison.Ordinal);
    }
}
