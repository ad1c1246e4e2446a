using System.Text;
using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>Why a received text was not taken.</summary>
/// <param name="Class">The error class, as on every other surface.</param>
/// <param name="Path">Where: element names without prefixes, 1-based index where a name repeats, e.g. <c>/oadrPayload/…/oadrEvent[2]/eiEvent</c>; <c>/</c> = the document.</param>
/// <param name="Detail">What is wrong there and how to fix it; one line, foreign text shortened and made printable.</param>
public sealed record ReadError(ErrorClass Class, string Path, string Detail)
{
    private const int MaxQuoted = 64;

    /// <summary>True where the text has the right form but denotes nothing, such as 30 February.</summary>
    public bool DenotesNothing { get; init; }

    public override string ToString() => $"{Path}: {Detail}";

    /// <summary>Foreign text as it may stand in a message or a log line: quoted, on one line, shortened.</summary>
    public static string Quote(string text, int max = MaxQuoted)
    {
        ArgumentNullException.ThrowIfNull(text);
        var quoted = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, max)))
        {
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) || !IsVisible(c) ? '\uFFFD' : c);
        }

        return quoted.Append(text.Length > max ? "…'" : "'").ToString();
    }

    private static bool IsVisible(char c) =>
        char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
}
