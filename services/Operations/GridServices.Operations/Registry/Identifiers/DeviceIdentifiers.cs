using System.Globalization;
using System.Security.Cryptography;

namespace GridServices.Operations.Registry.Identifiers;

/// <summary>The identities of devices and certificates: 2030.5 LFDI, SFDI and PIN, and OpenADR's fingerprint.</summary>
public static class DeviceIdentifiers
{
    private const int LfdiDigits = 40;
    private const int FingerprintBytes = 10;
    private const long MaxSfdi = ((1L << 36) * 10) - 1;

    /// <summary>40 hex digits, in either case, with or without dashes.</summary>
    public static IdentifierCheck CheckLfdi(string text)
    {
        var plain = RemoveSeparators(text).ToUpperInvariant();
        return plain.Length == LfdiDigits && plain.All(char.IsAsciiHexDigit)
            ? IdentifierCheck.Valid(plain)
            : IdentifierCheck.Error(plain, "lfdi.form", $"an LFDI has 40 hex digits; this has {plain.Length} characters. Upload the certificate and it is calculated");
    }

    /// <summary>Up to 12 digits whose sum is a multiple of ten.</summary>
    public static IdentifierCheck CheckSfdi(string text)
    {
        var plain = RemoveSeparators(text);
        if (plain.Length is 0 or > 12 || !plain.All(char.IsAsciiDigit) || long.Parse(plain, CultureInfo.InvariantCulture) > MaxSfdi)
        {
            return IdentifierCheck.Error(plain, "sfdi.form", "an SFDI is a number of up to 12 digits");
        }

        return CheckDigits.SumsToTen(plain)
            ? IdentifierCheck.Valid(plain.PadLeft(12, '0'))
            : IdentifierCheck.Error(plain, "sfdi.checkDigit", $"the last digit must be {CheckDigits.UpToTen(plain.AsSpan(0, plain.Length - 1))}: all digits of an SFDI sum to a multiple of ten");
    }

    /// <summary>Six digits whose sum is a multiple of ten.</summary>
    public static IdentifierCheck CheckPin(string text)
    {
        var plain = RemoveSeparators(text);
        if (plain.Length is 0 or > 6 || !plain.All(char.IsAsciiDigit))
        {
            return IdentifierCheck.Error(plain, "pin.form", "a PIN has six digits, the last one a check digit");
        }

        return CheckDigits.SumsToTen(plain)
            ? IdentifierCheck.Valid(plain.PadLeft(6, '0'))
            : IdentifierCheck.Error(plain, "pin.checkDigit", $"the last digit must be {CheckDigits.UpToTen(plain.AsSpan(0, plain.Length - 1))}: all digits of a PIN sum to a multiple of ten");
    }

    /// <summary>Ten bytes as hex; a whole SHA-256 is cut to its last ten bytes, with a warning.</summary>
    public static IdentifierCheck CheckFingerprint10(string text)
    {
        var plain = RemoveSeparators(text).ToUpperInvariant();
        if (!plain.All(char.IsAsciiHexDigit) || plain.Length is not (2 * FingerprintBytes or 64))
        {
            return IdentifierCheck.Error(plain, "fingerprint.form", "an OpenADR fingerprint has ten bytes, 06:A5:…; upload the certificate and it is calculated");
        }

        var last = string.Join(':', plain[^(2 * FingerprintBytes)..].Chunk(2).Select(pair => new string(pair)));
        return plain.Length == 64
            ? IdentifierCheck.Warn(last, "fingerprint.whole", "this was the whole SHA-256; OpenADR uses its last ten bytes, which are kept")
            : IdentifierCheck.Valid(last);
    }

    /// <summary>Whether an SFDI is the one that belongs to the LFDI.</summary>
    public static IdentifierCheck CheckPair(string lfdi, string sfdi)
    {
        var (device, told) = (CheckLfdi(lfdi), CheckSfdi(sfdi));
        if (!device.MayBeUsed || !told.MayBeUsed)
        {
            return device.MayBeUsed ? told : device;
        }

        var wanted = ComputeSfdi(device.Normal);
        return wanted == told.Normal
            ? IdentifierCheck.Valid(wanted)
            : IdentifierCheck.Error(told.Normal, "sfdi.other", $"the SFDI of this LFDI is {wanted}, not {told.Normal}: they are of two devices");
    }

    /// <summary>The leftmost 160 bits of the SHA-256 of the certificate (DER), 40 upper-case hex digits. IEEE 2030.5 6.3.4.</summary>
    public static string ComputeLfdi(ReadOnlySpan<byte> certificateDer) => Convert.ToHexString(SHA256.HashData(certificateDer)[..(LfdiDigits / 2)]);

    /// <summary>The leftmost 36 bits of an LFDI in decimal and a check digit, 12 digits. IEEE 2030.5 6.3.3.</summary>
    /// <param name="lfdi">40 hex digits, as <see cref="CheckLfdi"/> makes them.</param>
    public static string ComputeSfdi(string lfdi)
    {
        var bits = long.Parse(lfdi.AsSpan(0, 9), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString("D11", CultureInfo.InvariantCulture);
        return bits + CheckDigits.UpToTen(bits);
    }

    /// <summary>The last ten bytes of the SHA-256 of the certificate (DER), <c>06:A5:…</c>. OpenADR 2.0b 10.6.</summary>
    public static string ComputeFingerprint10(ReadOnlySpan<byte> certificateDer)
    {
        var hash = SHA256.HashData(certificateDer);
        return string.Join(':', hash[^FingerprintBytes..].Select(b => b.ToString("X2", CultureInfo.InvariantCulture)));
    }

    private static string RemoveSeparators(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not ('-' or ':')));
    }
}
