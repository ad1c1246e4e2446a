using System.Globalization;

namespace GridServices.Contracts;

/// <summary>JSON numbers, exactly: nothing is rounded on the way in, and nothing passes through binary floating point.</summary>
internal static class NumberText
{
    private const int MostDigits = 28;

    /// <summary>Reads a JSON number that <see cref="decimal"/> holds exactly; exponents are allowed, rounding is not.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> text, out decimal value)
    {
        value = 0;
        if (!TryScientific(text, out var negative, out var digits, out var exponent))
        {
            return false;
        }

        if (digits.Length == 0)
        {
            return true;
        }

        // digits × 10^exponent with no trailing zero in digits: exact in 28 digits and 28 decimals, or not at all.
        if (exponent < -MostDigits || digits.Length + Math.Max(exponent, 0) > MostDigits)
        {
            return false;
        }

        value = decimal.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        value = exponent >= 0 ? value * PowerOfTen(exponent) : value / PowerOfTen(-exponent);
        value = Plain(negative ? -value : value);
        return true;
    }

    /// <summary>True of a JSON number whose magnitude no IEEE 754 double can hold (RFC 7493 section 2.2): 1e400.</summary>
    public static bool IsBeyondDouble(ReadOnlySpan<byte> text) =>
        System.Buffers.Text.Utf8Parser.TryParse(text, out double value, out _) && !double.IsFinite(value);

    /// <summary>The same value with the smallest scale.</summary>
    public static decimal Plain(decimal value) => value == 0 ? 0 : value / 1.0000000000000000000000000000m;

    private static bool TryScientific(ReadOnlySpan<byte> text, out bool negative, out string digits, out int exponent)
    {
        negative = text.Length > 0 && text[0] == '-';
        var mantissa = negative ? text[1..] : text;
        exponent = 0;
        digits = string.Empty;
        var e = mantissa.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0)
        {
            var power = mantissa[(e + 1)..];
            mantissa = mantissa[..e];
            if (!int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs((long)exponent) > 10_000)
            {
                return mantissa.IndexOfAnyExcept("0."u8) < 0;
            }
        }

        var point = mantissa.IndexOf((byte)'.');
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
        }

        var all = System.Text.Encoding.ASCII.GetString(mantissa).Replace(".", string.Empty, StringComparison.Ordinal).TrimStart('0');
        digits = all.TrimEnd('0');
        exponent += all.Length - digits.Length;
        return true;
    }

    private static decimal PowerOfTen(int power)
    {
        var value = 1m;
        for (var i = 0; i < power; i++)
        {
            value *= 10;
        }

        return value;
    }
}
