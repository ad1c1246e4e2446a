using System.Globalization;
using System.Text;

namespace GridServices.Hosting;

/// <summary>Foreign text made fit for a log line or a problem's detail: one line, no control characters, bounded.</summary>
public static class OneLine
{
    private const int MaxLength = 300;

    public static string Format(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        var line = new StringBuilder(Math.Min(text.Length, MaxLength) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            _ = IsInvisible(c) ? line.Append($"\\u{(int)c:x4}") : line.Append(c);
        }

        return text.Length > MaxLength ? line.Append('…').ToString() : line.ToString();
    }

    /// <summary>Besides controls what turns the direction, hides, or ends a line in some viewer; half a pair of surrogates can't be written at all.</summary>
    private static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate;
}
