namespace GridServices.Ieee2030Dot5.Identity;

/// <summary>The Australian national metering identifier: ten letters and digits without I and O, and as an eleventh often their check digit.</summary>
public static class Nmi
{
    /// <summary>Digits without the check digit.</summary>
    public const int Length = 10;

    /// <summary>Why the text is no NMI; null: it is one, or of a length that is no NMI's and may be another connection point's identifier.</summary>
    public static string? FindFault(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is not (Length or Length + 1))
        {
            return null;
        }

        if (text.Any(c => !char.IsAsciiLetterOrDigit(c) || c is 'I' or 'O' or 'i' or 'o'))
        {
            return "has a character that no NMI has: it is made of digits and letters other than I and O";
        }

        var check = CheckDigit(text[..Length]);
        return text.Length == Length || text[Length] == check ? null : $"fails its check digit: after {text[..Length]} comes {check}";
    }

    /// <summary>AEMO's checksum: character codes from the right, every other one doubled from the last on, their decimal digits summed up to the next ten.</summary>
    public static char CheckDigit(string nmi)
    {
        ArgumentNullException.ThrowIfNull(nmi);
        var (sum, doubles) = (0, true);
        foreach (var c in nmi.ToUpperInvariant().Reverse())
        {
            for (var value = doubles ? 2 * c : c; value > 0; value /= 10)
            {
                sum += value % 10;
            }

            doubles = !doubles;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
