using System.Globalization;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>ei:eiResponse and what else is small and everywhere.</summary>
internal static class ResponseXml
{
    public static readonly Terms<OptType> OptTypes = new(("optIn", OptType.OptIn), ("optOut", OptType.OptOut));

    public static EiResponse Response(this ReceivedElement parent) => ReadResponse(parent.Child(Ei + "eiResponse"));

    public static EiResponse? ResponseOrNull(this ReceivedElement parent) =>
        parent.ChildOrNull(Ei + "eiResponse") is { } e ? ReadResponse(e) : null;

    public static XElement Write(EiResponse r) =>
        new(Ei + "eiResponse",
            new XElement(Ei + "responseCode", Code(r.Code)),
            Optional(Ei + "responseDescription", r.Description),
            new XElement(Pyld + "requestID", r.RequestId));

    public static int ResponseCode(this ReceivedElement parent)
    {
        var code = parent.Child(Ei + "responseCode");
        var text = code.Trimmed();
        return text.Length == 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw code.Refuse(ErrorClass.SemanticCode, $"{SafeText.Quote(text)} is not a response code of three digits");
    }

    public static string Code(int code) =>
        code is >= 0 and <= 999
            ? code.ToString("D3", CultureInfo.InvariantCulture)
            : throw new ArgumentOutOfRangeException(nameof(code), code, "a response code has three digits");

    public static QualifiedEventId ReadQualifiedEventId(ReceivedElement e) => new(e.Id(Ei + "eventID"), e.Unsigned(Ei + "modificationNumber"));

    public static XElement Write(QualifiedEventId id) =>
        new(Ei + "qualifiedEventID",
            new XElement(Ei + "eventID", id.EventId),
            new XElement(Ei + "modificationNumber", id.ModificationNumber));

    /// <summary>An enumeration that the schema leaves open for <c>x-</c> extensions.</summary>
    public static string OpenTerm(
        this ReceivedElement parent, XName name, IReadOnlySet<string> known, ErrorClass error = ErrorClass.SchemaInvalid) =>
        AsOpenTerm(parent.Child(name), known, error);

    public static string? OpenTermOrNull(this ReceivedElement parent, XName name, IReadOnlySet<string> known) =>
        parent.TextOrNull(name) is null ? null : AsOpenTerm(parent.Child(name), known, ErrorClass.SchemaInvalid);

    /// <summary>Nothing where there is no text (rule 46).</summary>
    public static XElement? Optional(XName name, string? text) => string.IsNullOrEmpty(text) ? null : new XElement(name, text);

    public static XElement? Optional(XName name, bool? flag) => flag is { } f ? new XElement(name, f) : null;

    public static XElement? Optional(XName name, uint? number) => number is { } n ? new XElement(name, n) : null;

    private static EiResponse ReadResponse(ReceivedElement e) =>
        new(e.ResponseCode(), e.TextOrNull(Ei + "responseDescription"), e.IdOrEmpty(Pyld + "requestID"));

    private static string AsOpenTerm(ReceivedElement element, IReadOnlySet<string> known, ErrorClass error)
    {
        var text = element.Trimmed();
        return known.Contains(text) ? text
            : text is ['x', '-', not ' ', ..] ? element.AsId()
            : throw element.Refuse(error, $"{SafeText.Quote(text)} is neither a name of the profile nor an extension starting with 'x-'");
    }
}
