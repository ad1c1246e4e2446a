using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Tariffs.Invoices;

/// <summary>How a seller's invoices are numbered: from 1 in each year of its zone, without gaps.</summary>
public sealed partial record NumberSeries
{
    public required string SellerId { get; init; }

    /// <summary>Text with {year} and {number}, or {number:5} for leading zeros, e.g. <c>CPO-{year}-{number:5}</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The number that is the <paramref name="count"/>th of a year.</summary>
    public string Number(int year, long count) => NumberPlace().Replace(Format, m => count.ToString("D" + (m.Groups["digits"].Value is { Length: > 0 } digits ? digits : "1"), CultureInfo.InvariantCulture))
        .Replace("{year}", year.ToString("D4", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>What is wrong with a format; null = nothing.</summary>
    public static string? Fault(string format)
    {
        var rest = NumberPlace().Replace(format, string.Empty).Replace("{year}", string.Empty, StringComparison.Ordinal);
        return NumberPlace().Count(format) != 1 ? "a format has {number} (or {number:1} to {number:9}) once, e.g. INV-{year}-{number:5}"
            : !format.Contains("{year}", StringComparison.Ordinal) ? "a format has {year}: numbers begin again each year"
            : format.Contains("}{", StringComparison.Ordinal) && !YearFirst().IsMatch(format) ? "put a mark between {year} and {number}, or give {number} its digits ({number:5}), so that no two numbers look the same"
            : rest.Length > 40 || rest.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '.' or '_' or ' ')) ? "beside {year} and {number} a format has at most 40 of A-Z a-z 0-9 - / . _ and blank"
            : null;
    }

    [GeneratedRegex(@"\{number(?::(?<digits>[1-9]))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NumberPlace();

    // {year} has four digits, so what follows it directly is told apart; {number}{year} is not.
    [GeneratedRegex(@"\{year\}\{number", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex YearFirst();
}
