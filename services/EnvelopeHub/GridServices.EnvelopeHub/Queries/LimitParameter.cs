using System.Globalization;

namespace GridServices.EnvelopeHub.Queries;

/// <summary>How many changes a caller wants at most; any whole number is cut into 1..<see cref="Most"/>.</summary>
public static class LimitParameter
{
    public const int Most = 1000;

    /// <returns>False where it is no whole number.</returns>
    public static bool TryParse(string? text, out int limit)
    {
        limit = Most;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var negative = text[0] == '-';
        var digits = negative ? text[1..] : text;
        if (digits.Length is 0 or > 40 || !digits.All(char.IsAsciiDigit))
        {
            return false;
        }

        var value = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : int.MaxValue;
        limit = negative ? 1 : Math.Clamp(value, 1, Most);
        return true;
    }
}
