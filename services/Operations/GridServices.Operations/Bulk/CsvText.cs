using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Operations.Bulk;

/// <summary>CSV as it is written: fields that a spreadsheet would run as a formula begin with an apostrophe, which our own reader takes off again.</summary>
public static partial class CsvText
{
    /// <summary>One line, without its end.</summary>
    public static string Line(IEnumerable<string?> fields, char delimiter = ',') => string.Join(delimiter, fields.Select(f => Field(f, delimiter)));

    /// <summary>A field, quoted where it must be.</summary>
    public static string Field(string? text, char delimiter = ',')
    {
        var safe = Escape(text ?? string.Empty);
        return safe.Contains(delimiter, StringComparison.Ordinal) || safe.AsSpan().ContainsAny("\"\r\n") || safe.Length > 0 && (safe[0] == ' ' || safe[^1] == ' ')
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }

    /// <summary>A number without trailing zeros and with a point.</summary>
    public static string Number(decimal? value) => value is { } number ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : string.Empty;

    /// <summary>The text, made harmless: a plain number such as -5 stays one.</summary>
    internal static string Escape(string text) => IsRisky(text) ? "'" + text : text;

    /// <summary>The text as it was before <see cref="Escape"/>.</summary>
    internal static string Unescape(string text) => text.Length > 1 && text[0] == '\'' && IsRisky(text[1..]) ? text[1..] : text;

    private static bool IsRisky(string text)
    {
        var start = text.AsSpan().TrimStart(" \u00a0\u3000");
        return (start.Length > 0 && start[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '|' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20') && !PlainNumber().IsMatch(text);
    }

    [GeneratedRegex(@"^-[0-9]{1,28}([.,][0-9]{1,28})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlainNumber();
}
