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
    public string Number(int year, long count) => NumberPlace()
        .Replace(Format, m => count.ToString("D" + (m.Groups["digits"].Value is { Length: > 0 } digits ? digits : "1"), CultureInfo.InvariantCulture))
        .Replace("{year}", year.ToString("D4", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>What is wrong with a format; null = nothing.</summary>
    public static string? Fault(string format)
    {
        var rest = NumberPlace().Replace(format, string.Empty).Replace("{year}", string.Empty, StringComparison.Ordinal);
        return NumberPlace().Count(format) != 1 ? "a format has {number} (or {number:1} to {number:9}) once, e.g. INV-{year}-{number:5}"
            : !format.Contains("{year}", StringComparison.Ordinal) ? "a format has {year}: numbers begin again each year"
            : format.Contains("}{", StringComparison.Ordinal) && !YearFirst().IsMatch(format)
            ? "put {year} first, or a mark between {number} and {year}, e.g. {year}{number:5} or {number}/{year}, so that no two numbers look the same"
            : rest.Length > 40 || rest.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '.' or '_' or ' '))
            ? "beside {year} and {number} a format has at most 40 of A-Z a-z 0-9 - / . _ and blank"
            : format != format.Trim(' ') ? "a format neither begins nor ends with a blank"
            : null;
    }

    /// <summary>Whether a number of this series can read like one of <paramref name="other"/>: no seller has both.</summary>
    public bool CanReadLike(NumberSeries other)
    {
        // Both formats side by side: at (i, j) what stands before reads the same in both.
        var (a, b) = (Marks(Format), Marks(other.Format));
        var alike = new bool[a.Length + 1, b.Length + 1];
        alike[0, 0] = true;
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (alike[i, j])
                {
                    Go(i, j);
                }
            }
        }

        return alike[a.Length, b.Length];

        void Go(int i, int j)
        {
            var (isAnyA, isAnyB) = (i < a.Length && a[i] == AnyDigits, j < b.Length && b[j] == AnyDigits);
            alike[i + (isAnyA ? 1 : 0), j] = true;
            alike[i, j + (isAnyB ? 1 : 0)] = true;
            if (i < a.Length && j < b.Length && IsAlike(a[i], b[j]))
            {
                alike[i + (isAnyA ? 0 : 1), j + (isAnyB ? 0 : 1)] = true;
            }
        }
    }

    private const char Digit = '#';
    private const char AnyDigits = '*';

    private static string Marks(string format) => NumberPlace()
        .Replace(format, m => new string(Digit, m.Groups["digits"].Value is { Length: > 0 } digits ? digits[0] - '0' : 1) + AnyDigits)
        .Replace("{year}", new string(Digit, 4), StringComparison.Ordinal);

    private static bool IsAlike(char a, char b) => a == b || (IsDigits(a) && IsDigits(b)) || (IsDigits(a) && char.IsAsciiDigit(b)) || (IsDigits(b) && char.IsAsciiDigit(a));

    private static bool IsDigits(char mark) => mark is Digit or AnyDigits;

    [GeneratedRegex(@"\{number(?::(?<digits>[1-9]))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NumberPlace();

    // {year} has four digits, so what follows it directly is told apart; {number}{year} is not.
    [GeneratedRegex(@"\{year\}\{number", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex YearFirst();
}
