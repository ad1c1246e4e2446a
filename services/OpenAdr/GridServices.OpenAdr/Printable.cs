using System.Globalization;

namespace GridServices.OpenAdr;

/// <summary>Foreign text in our lines: one line, printable, short.</summary>
internal static class Printable
{
    private const int MaxLength = 120;

    public static string Line(string text)
    {
        var shortened = text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
        return IsClean(shortened) ? shortened : string.Create(shortened.Length, shortened, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsPrintable(source[i]) ? source[i] : '?';
            }
        });
    }

    /// <summary>A sentence to go on after: without its full stop.</summary>
    public static string Clause(string text) => text.TrimEnd(' ', '.', ';', ':');

    /// <summary>True when the text holds no control, formatting (bidi, zero width) or line-breaking characters.</summary>
    public static bool IsClean(string text)
    {
        foreach (var c in text)
        {
            if (!IsPrintable(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPrintable(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
