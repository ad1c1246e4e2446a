using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Hex, addresses and links.</summary>
internal static class Sep2Text
{
    private const int MaxMRidDigits = 32;

    /// <summary>An mRID: whole bytes in hex, at most 128 bits, as sent.</summary>
    public static string MRid(this ReceivedElement e) =>
        e.Trimmed() is { Length: > 0 and <= MaxMRidDigits } text && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? text
            : throw e.Refuse(ErrorClass.SemanticHex, $"{SafeText.Quote(e.Text)} is not an mRID of 2 to {MaxMRidDigits} hex digits, two for each byte");

    /// <summary>The mRID of what is no event: some servers count its digits oddly, and nothing is answered by it.</summary>
    public static string PlainMRid(this ReceivedElement e) =>
        e.Trimmed() is { Length: > 0 and <= MaxMRidDigits } text && text.All(char.IsAsciiHexDigit)
            ? text
            : throw e.Refuse(ErrorClass.SemanticHex, $"{SafeText.Quote(e.Text)} is not an mRID of at most {MaxMRidDigits} hex digits");

    /// <summary>An LFDI or any other hex text whose meaning is judged elsewhere; bounded and visible.</summary>
    public static string? HexText(this ReceivedElement? e) => e?.Trimmed() is { Length: > 0 } text
        ? text.Length <= 64 && text.All(char.IsAsciiLetterOrDigit) ? text : throw e.Refuse(ErrorClass.SemanticHex, $"{SafeText.Quote(text)} is not hex")
        : null;

    /// <summary>Bits as hex; leading zeros don't count.</summary>
    public static uint Hex(this ReceivedElement e, int bytes) =>
        TryHex(e.Trimmed(), bytes, out var bits)
            ? bits
            : throw e.Refuse(ErrorClass.SemanticHex, $"{SafeText.Quote(e.Text)} is not hex of at most {bytes} bytes");

    public static byte? Hex8(this ReceivedElement? e) => (byte?)e?.Hex(1);

    public static ushort? Hex16(this ReceivedElement? e) => (ushort?)e?.Hex(2);

    public static uint? Hex32(this ReceivedElement? e) => e?.Hex(4);

    /// <summary>Bits that only inform; illegible ones are not said.</summary>
    public static uint? Hint(this ReceivedElement? e) => e is { Children.Count: 0 } && TryHex(e.Text.Trim(), 4, out var bits) ? bits : null;

    /// <summary>A bit attribute, e.g. responseRequired; one digit will do, as will the 0x of programming languages. An empty one says nothing.</summary>
    public static byte? HexAttribute(this ReceivedElement e, string name) => e.Attribute(name)?.Trim() switch
    {
        null or "" => null,
        ['0', 'x' or 'X', .. var digits] when TryHex(digits, 1, out var bits) => (byte)bits,
        var text when TryHex(text, 1, out var bits) => (byte)bits,
        var text => throw e.Refuse(ErrorClass.SemanticHex, $"{name} {SafeText.Quote(text)} is not hex of one byte"),
    };

    public static string? Href(this ReceivedElement e) => e.Address("href");

    public static string? ReplyTo(this ReceivedElement e) => e.Address("replyTo");

    public static byte? Subscribable(this ReceivedElement e) =>
        byte.TryParse(e.Attribute("subscribable")?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Seconds as sent: zero and the absurd are for whoever polls to clamp; what is no number at all is not said.</summary>
    public static long? PollRate(this ReceivedElement e) => e.Attribute("pollRate")?.Trim() switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => Math.Clamp(value, 0, uint.MaxValue),
        { Length: > 18 } text when text.All(char.IsAsciiDigit) => uint.MaxValue,
        _ => null,
    };

    /// <summary>A link; without href it leads nowhere and is not there.</summary>
    public static Link? Link(this ReceivedElement? e) => e?.Href() is { } href ? new Link(href) : null;

    public static ListLink? ListLink(this ReceivedElement? e) => e?.Href() is { } href
        ? new ListLink(href, int.TryParse(e.Attribute("all"), NumberStyles.None, CultureInfo.InvariantCulture, out var all) ? all : null)
        : null;

    public static string Uri(this ReceivedElement e) => Checked(e, e.Trimmed()) ?? throw e.Refuse(ErrorClass.SchemaInvalid, "an address is missing");

    private static string? Address(this ReceivedElement e, string attribute) => Checked(e, e.Attribute(attribute)?.Trim());

    // Whoever follows an address resolves and pins it; one with control characters is never kept.
    private static string? Checked(ReceivedElement e, string? address) =>
        string.IsNullOrEmpty(address) ? null
        : address.Length <= 2048 && !address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) ? address
        : throw e.Refuse(ErrorClass.SsrfBlocked, $"{SafeText.Quote(address)} is not an address");

    private static bool TryHex(string text, int bytes, out uint bits)
    {
        bits = 0;
        var digits = text.Length is > 0 and <= 64 && text.All(char.IsAsciiHexDigit) ? text.TrimStart('0') : null;
        return digits is { Length: 0 }
            || (digits?.Length <= bytes * 2 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits));
    }
}
