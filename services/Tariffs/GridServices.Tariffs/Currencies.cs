namespace GridServices.Tariffs;

/// <summary>Minor-unit digits of ISO 4217 currencies; what is not listed has two.</summary>
public static class Currencies
{
    private static readonly HashSet<string> None = new(StringComparer.Ordinal)
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
    };

    private static readonly HashSet<string> Three = new(StringComparer.Ordinal) { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND" };

    /// <summary>Digits after the decimal point in which <paramref name="currency"/> is paid.</summary>
    public static int MinorDigits(string currency) => None.Contains(currency) ? 0 : Three.Contains(currency) ? 3 : 2;

    /// <summary>Whether the text has the form of a currency code: three capital letters.</summary>
    public static bool IsCode(string? text) => text is { Length: 3 } && text.All(char.IsAsciiLetterUpper);
}
