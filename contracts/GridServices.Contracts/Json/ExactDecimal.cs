using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GridServices.Contracts.Json;

/// <summary>Decimals read without losing a digit: what does not fit is refused, never rounded in silence, and nothing passes through binary floating point.</summary>
public static class ExactDecimal
{
    private const int MostDigits = 28;
    private const int UsualLength = 64;

    /// <summary>The same of the bytes of a JSON number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out decimal value)
    {
        Span<char> text = json.Length <= UsualLength ? stackalloc char[UsualLength] : new char[json.Length];
        return TryParse(text[..Encoding.ASCII.GetChars(json, text)], out value);
    }

    /// <summary>Reads <c>-12.50</c> or <c>1.5e-3</c>. False when the text is no number or has more than 28 significant digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal value)
    {
        value = 0;
        if (!Anatomy(text, out var significant, out var scale) || significant > MostDigits || scale > MostDigits || significant - scale > MostDigits)
        {
            return false;
        }

        // A zero is a zero, whatever its exponent.
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) || significant == 0;
    }

    /// <summary>Whether the text is a number at all, in the grammar of JSON (which XML and CSV sources share), whatever its size.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => Anatomy(text, out _, out _);

    /// <summary>Digits after the decimal point that the value needs.</summary>
    public static int GetScale(decimal value) => value.Scale == 0 ? 0 : Plain(value).Scale;

    /// <summary>True of a JSON number whose magnitude no IEEE 754 double can hold (RFC 7493 section 2.2): 1e400.</summary>
    public static bool IsBeyondDouble(ReadOnlySpan<byte> json) => Utf8Parser.TryParse(json, out double value, out _) && !double.IsFinite(value);

    /// <summary>The same value with the smallest scale: 16.00 becomes 16, -0 becomes 0.</summary>
    public static decimal Plain(decimal value) => value == 0 ? 0 : value / 1.0000000000000000000000000000m;

    /// <summary>All digits, without trailing zeros.</summary>
    public static string Text(decimal value) => Plain(value).ToString(CultureInfo.InvariantCulture);

    /// <summary>10^<paramref name="digits"/>, 0..28.</summary>
    public static decimal Power(int digits)
    {
        var power = 1m;
        for (var i = 0; i < digits; i++)
        {
            power *= 10;
        }

        return power;
    }

    /// <summary>units / 10^scale, exactly; units up to 96 bits.</summary>
    public static decimal FromUnits(Int128 units, int scale)
    {
        var magnitude = (UInt128)Int128.Abs(units);
        if (magnitude >> 96 != 0)
        {
            return (decimal)units / Power(scale);
        }

        unchecked
        {
            var low = (ulong)magnitude;
            return new decimal((int)low, (int)(low >> 32), (int)(uint)(magnitude >> 64), units < 0, (byte)scale);
        }
    }

    private static bool Anatomy(ReadOnlySpan<char> text, out int significant, out int scale)
    {
        significant = 0;
        scale = 0;
        var at = text.Length > 0 && text[0] == '-' ? 1 : 0;
        var (digits, fraction, zeros, seenPoint, any) = (0, 0, 0, false, false);
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && !seenPoint)); at++)
        {
            if (text[at] == '.')
            {
                seenPoint = true;
                continue;
            }

            any = true;
            fraction += seenPoint ? 1 : 0;
            digits += digits > 0 || text[at] != '0' ? 1 : 0;
            zeros = text[at] == '0' ? zeros + 1 : 0;
        }

        if (!any || !Exponent(text[at..], out var exponent) || text[^1] == '.')
        {
            return false;
        }

        zeros = Math.Min(zeros, digits);
        significant = digits - zeros;
        scale = significant == 0 ? 0 : fraction - exponent - zeros;
        significant += scale < 0 ? Math.Min(-scale, 1000) : 0;
        scale = Math.Max(scale, 0);
        return true;
    }

    private static bool Exponent(ReadOnlySpan<char> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        var digits = text.Length > 1 && text[1] is '+' or '-' ? text[2..] : text[1..];
        if (text[0] is not ('e' or 'E') || digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        exponent = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 100_000 ? value : 100_000;
        exponent = text[1] == '-' ? -exponent : exponent;
        return true;
    }
}
