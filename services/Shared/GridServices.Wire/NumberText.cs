using System.Buffers;
using System.Globalization;

namespace GridServices.Wire;

/// <summary>Numbers as <c>xs:float</c>, <c>xs:decimal</c> and <c>xs:unsignedInt</c>, without silent infinities, underflow or rounding to nothing.</summary>
public static class NumberText
{
    private const int MaxLength = 64;
    private const double SmallestNormalFloat = 1.17549435e-38;
    private static readonly SearchValues<char> FloatCharacters = SearchValues.Create("+-.0123456789eE");

    /// <summary>False where the text is no number, is NaN or infinite, or does not fit a single-precision float.</summary>
    public static bool TryParseFloat(ReadOnlySpan<char> text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        value = 0;
        if (text.Length > MaxLength || text.ContainsAnyExcept(FloatCharacters)
            || !double.TryParse(text, Style, CultureInfo.InvariantCulture, out var parsed) || !FitsFloat(parsed))
        {
            return false;
        }

        value = parsed;
        return parsed != 0 || !MantissaHasDigit(text);
    }

    public static bool TryParseDecimal(ReadOnlySpan<char> text, out decimal value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        value = 0;
        return text.Length <= 28 && decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryParseUnsigned(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>The shortest text that reads back equal.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or beyond a single-precision float: the wire has no text for it.</exception>
    public static string Format(double value) =>
        FitsFloat(value)
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "only finite numbers within single precision can be written");

    private static bool FitsFloat(double value) =>
        double.IsFinite(value) && (value == 0 || Math.Abs(value) is >= SmallestNormalFloat and <= float.MaxValue);

    // 1e-400 parses as zero: what was said was not zero.
    private static bool MantissaHasDigit(ReadOnlySpan<char> text)
    {
        var exponent = text.IndexOfAny('e', 'E');
        return (exponent < 0 ? text : text[..exponent]).ContainsAnyInRange('1', '9');
    }
}
