using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Operations.Bulk;

/// <summary>How a file writes its numbers, as its first line says: <c>#locale=de</c>. Without it: a point.</summary>
/// <param name="Name">Null: the file does not say.</param>
/// <param name="Mark">The decimal mark, a point or a comma.</param>
public sealed partial record CsvLocale(string? Name, char Mark)
{
    private static readonly FrozenSet<string> WithComma = new[]
    {
        "de", "fr", "es", "nl", "it", "pt", "pl", "sv", "da", "nb", "nn", "no", "fi", "cs", "sk", "sl", "hr", "sr", "hu", "ro", "bg", "el", "tr", "ru", "uk", "et", "lv", "lt", "is", "ca",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> WithPoint = new[] { "en", "ja", "zh", "ko", "th", "he", "hi", "ga", "cy", "mt" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> PointAllTheSame = new[] { "de-CH", "de-LI", "it-CH", "es-MX", "es-US", "es-PR", "es-GT", "es-HN", "es-PA", "es-DO", "es-SV", "es-NI" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>No locale line.</summary>
    public static CsvLocale Plain { get; } = new(null, '.');

    /// <summary>What the line says; null with a fault where the name is not known.</summary>
    internal static CsvLocale? Read(string line, out string? fault)
    {
        fault = null;
        var name = LocaleLine().Match(line).Groups["name"].Value;
        var language = name.Split('-')[0];
        if (WithPoint.Contains(language) || PointAllTheSame.Contains(name))
        {
            return new CsvLocale(name, '.');
        }

        if (WithComma.Contains(language))
        {
            return new CsvLocale(name, ',');
        }

        fault = "the line #locale= names a language, such as #locale=de (decimal comma) or #locale=en (decimal point)";
        return null;
    }

    internal static bool IsLocaleLine(string line) => line.TrimStart().StartsWith("#locale", StringComparison.OrdinalIgnoreCase);

    /// <summary>A decimal number without thousands marks; <paramref name="fix"/> says how to write it where it is none.</summary>
    internal bool TryParseNumber(string text, out decimal value, out string fix)
    {
        fix = string.Empty;
        value = 0;
        var other = Mark == '.' ? ',' : '.';
        if (text.Contains(other, StringComparison.Ordinal))
        {
            fix = Name is null
                ? "write a decimal point and no thousands marks, or put the line #locale=de before the head where the file has decimal commas"
                : $"the file says #locale={Name}: write the decimal mark as '{Mark}' and no thousands marks";
            return false;
        }

        if (!Number().IsMatch(text) || !decimal.TryParse(text.Replace(Mark, '.'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
        {
            fix = $"write a number such as 12{Mark}5, without a unit and without thousands marks";
            return false;
        }

        return true;
    }

    [GeneratedRegex(@"^\s*#locale\s*=\s*(?<name>[A-Za-z]{2,3}(-[A-Za-z]{2,4})?)[\s,;]*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex LocaleLine();

    [GeneratedRegex(@"^-?[0-9]{1,15}([.,][0-9]{1,9})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();
}
