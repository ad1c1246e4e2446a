using System.Globalization;
using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Makes elements of one dialect. Nothing is written for null.</summary>
internal sealed class Sep2Out(Sep2Dialect dialect)
{
    private readonly XNamespace? extension = Ns.Extension(dialect);

    public XNamespace? Extension => extension;

    /// <summary>An element of the standard; attributes of the resource first.</summary>
    public static XElement El(string name, params object?[] content) => new(Ns.Base + name, content);

    public static XElement? Opt(string name, object? value) => value is null ? null : new XElement(Ns.Base + name, value);

    /// <summary>An element of CSIP-AUS; the plain standard has no place for it.</summary>
    public XElement? Ext(string name, object? value) => value is null || extension is null ? null : new XElement(extension + name, value);

    /// <summary>An element of CSIP-AUS 1.3 and later.</summary>
    public XElement? Ext13(string name, object? value) => dialect is Sep2Dialect.CsipAus13 ? Ext(name, value) : null;

    public static XAttribute? Attr(string name, object? value) => value is null ? null : new XAttribute(name, value);

    public static object?[] Head(Resource r) => [Attr("href", r.Href), Attr("subscribable", r.Subscribable)];

    public static object?[] Identified(string? mRid, string? description, int? version) =>
        [Opt("mRID", mRid), Opt("description", description), Opt("version", version)];

    public static XElement? Link(string name, Link? link) => link is null ? null : El(name, Attr("href", link.Href));

    public static XElement? Link(string name, ListLink? link) => link is null ? null : El(name, Attr("href", link.Href), Attr("all", link.All));

    public static string? Hex(uint? bits, int digits) => bits?.ToString($"X{digits}", CultureInfo.InvariantCulture);

    public static object?[]? Content(ActivePower? p) => p is { } v ? Content(v.Value, v.Multiplier) : null;

    public static object?[]? Content(Quantity? q) => q is { } v ? Content(v.Value, v.Multiplier) : null;

    public static XElement? Power(string name, ActivePower? p) => Opt(name, Content(p));

    public static XElement? Amount(string name, Quantity? q) => Opt(name, Content(q));

    public static XElement? Interval(string name, DateTimeInterval? i) =>
        i is { } v ? El(name, El("duration", v.DurationSeconds), El("start", v.Start)) : null;

    private static object?[] Content(long value, int multiplier) => [El("multiplier", multiplier), El("value", value)];
}
