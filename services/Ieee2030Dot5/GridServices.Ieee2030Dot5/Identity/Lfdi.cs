using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace GridServices.Ieee2030Dot5.Identity;

/// <summary>
/// Long form device identifier: the leftmost 160 bits of the SHA-256 of the device's DER certificate. A reissued certificate is a new identity.
/// </summary>
public sealed record Lfdi
{
    private const int Digits = 40;

    private Lfdi(string text) => Text = text;

    /// <summary>40 upper-case hex digits.</summary>
    public string Text { get; }

    /// <summary>The SFDI that belongs to it: the leftmost 36 bits in decimal and a check digit.</summary>
    public Sfdi Sfdi => Sfdi.FromBits(long.Parse(Text.AsSpan(0, 9), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>The identifier of a certificate.</summary>
    public static Lfdi FromCertificate(ReadOnlySpan<byte> certificateDer)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(certificateDer, hash);
        return new Lfdi(Convert.ToHexString(hash[..(Digits / 2)]));
    }

    /// <summary>Reads 40 hex digits in either case, with or without the dashes or colons people print between groups.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Lfdi? lfdi)
    {
        var plain = text?.Replace("-", string.Empty, StringComparison.Ordinal).Replace(":", string.Empty, StringComparison.Ordinal);
        lfdi = plain is { Length: Digits } && plain.All(char.IsAsciiHexDigit) ? new Lfdi(plain.ToUpperInvariant()) : null;
        return lfdi is not null;
    }

    /// <exception cref="FormatException">Not 40 hex digits.</exception>
    public static Lfdi Parse(string text) =>
        TryParse(text, out var lfdi) ? lfdi : throw new FormatException("an LFDI is 40 hex digits");

    /// <summary>Whether a server means this device; case does not matter.</summary>
    public bool Is(string? text) => string.Equals(Text, text, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Text;
}
