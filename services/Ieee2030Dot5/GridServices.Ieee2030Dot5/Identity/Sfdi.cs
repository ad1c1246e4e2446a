using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GridServices.Ieee2030Dot5.Identity;

/// <summary>Short form device identifier: 36 bits in decimal and a check digit.</summary>
public sealed record Sfdi
{
    private const long MaxBits = (1L << 36) - 1;

    private Sfdi(long value) => Value = value;

    /// <summary>As on the wire, check digit included.</summary>
    public long Value { get; }

    /// <summary>12 digits, zero-padded.</summary>
    public string Text => Value.ToString("D12", CultureInfo.InvariantCulture);

    /// <summary>As printed on a label: 3-3-3-3.</summary>
    public string Label => $"{Text[..3]}-{Text[3..6]}-{Text[6..9]}-{Text[9..]}";

    /// <summary>False where the number has too many bits or the sum of its digits is no multiple of ten.</summary>
    public static bool TryCreate(long value, [NotNullWhen(true)] out Sfdi? sfdi)
    {
        sfdi = value / 10 <= MaxBits && CheckDigit.IsValid(value) ? new Sfdi(value) : null;
        return sfdi is not null;
    }

    /// <summary>Reads up to 12 digits, with or without the dashes of a label.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Sfdi? sfdi)
    {
        sfdi = null;
        var plain = text is { Length: 15 } label ? label.Replace("-", string.Empty, StringComparison.Ordinal) : text;
        return plain is { Length: > 0 and <= 12 }
            && long.TryParse(plain, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && TryCreate(value, out sfdi);
    }

    /// <exception cref="FormatException">Not an SFDI.</exception>
    public static Sfdi Parse(string text) =>
        TryParse(text, out var sfdi) ? sfdi : throw new FormatException("an SFDI is 12 digits whose sum is a multiple of ten");

    internal static Sfdi FromBits(long bits) => new(CheckDigit.Append(bits));

    public override string ToString() => Text;
}
