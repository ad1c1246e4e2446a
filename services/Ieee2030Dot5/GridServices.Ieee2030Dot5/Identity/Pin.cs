using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GridServices.Ieee2030Dot5.Identity;

/// <summary>Registration PIN: five digits and a check digit.</summary>
public sealed record Pin
{
    private Pin(int value) => Value = value;

    /// <summary>As on the wire, check digit included.</summary>
    public int Value { get; }

    /// <summary>6 digits, zero-padded.</summary>
    public string Text => Value.ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>The PIN of five digits, with its check digit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 99999.</exception>
    public static Pin FromDigits(int fiveDigits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fiveDigits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fiveDigits, 99_999);
        return new Pin((int)CheckDigit.Append(fiveDigits));
    }

    /// <summary>False where there are more than six digits or their sum is no multiple of ten.</summary>
    public static bool TryCreate(long value, [NotNullWhen(true)] out Pin? pin)
    {
        pin = value is >= 0 and <= 999_999 && CheckDigit.IsValid(value) ? new Pin((int)value) : null;
        return pin is not null;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out Pin? pin)
    {
        pin = null;
        return text is { Length: > 0 and <= 6 }
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && TryCreate(value, out pin);
    }

    /// <exception cref="FormatException">Not a PIN.</exception>
    public static Pin Parse(string text) =>
        TryParse(text, out var pin) ? pin : throw new FormatException("a PIN is 6 digits whose sum is a multiple of ten");

    public override string ToString() => Text;
}
