using System.Globalization;
using System.Text;

namespace GridServices.Contracts;

/// <summary>Foreign text made fit for a message, a log line or a problem's detail: one line, nothing invisible, bounded.</summary>
public static class SafeText
{
    private const int MostOfLine = 300;
    private const int MostOfName = 120;
    private const int MostQuoted = 64;

    /// <summary>A text of its own, such as another program's message: 300 characters at most, what can't be seen written as \uXXXX.</summary>
    /// <param name="text">Null and empty give the empty text.</param>
    public static string Line(string? text) => Replace(text ?? string.Empty, MostOfLine, static (line, c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"));

    /// <summary>A name or value within a sentence: 120 characters at most, what can't be seen written as ?.</summary>
    public static string Short(string text) => Replace(text, MostOfName, static (line, _) => line.Append('?'));

    /// <summary>A name or value in quotation marks: 64 characters at most, what can't be seen written as U+FFFD.</summary>
    public static string Quote(string text) => Quote(text, MostQuoted);

    /// <inheritdoc cref="Quote(string)"/>
    public static string Quote(string text, int most) => $"'{Replace(text, most, static (line, _) => line.Append('\uFFFD'))}'";

    /// <summary>A sentence to go on after: without its full stop.</summary>
    public static string Clause(string text) => text.TrimEnd(' ', '.', ';', ':');

    /// <summary>True when no character is a control, turns the direction, hides, or ends a line in some viewer.</summary>
    public static bool IsClean(string text)
    {
        foreach (var c in text)
        {
            if (IsInvisible(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string Replace(string text, int most, Action<StringBuilder, char> replace)
    {
        if (text.Length <= most && !NeedsCare(text))
        {
            return text;
        }

        var line = new StringBuilder(Math.Min(text.Length, most) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, most)))
        {
            if (IsInvisible(c) || IsUnwritable(c))
            {
                replace(line, c);
            }
            else
            {
                _ = line.Append(c);
            }
        }

        return text.Length > most ? line.Append('…').ToString() : line.ToString();
    }

    private static bool NeedsCare(string text) => !IsClean(text) || text.Any(IsUnwritable);

    private static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Half a pair of surrogates can't be written at all, and nobody knows what is in private use.</summary>
    private static bool IsUnwritable(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate;
}
