using System.Globalization;
using System.Security.Cryptography;

namespace GridServices.Simulators.DerServer.Incoming;

/// <summary>Identity arithmetic, written a second time so that the client's can be held against it.</summary>
public static class LFdiRules
{
    public static string Compute(byte[] certificateDer) => Convert.ToHexString(SHA256.HashData(certificateDer))[..40];

    public static bool IsLFdi(string? text) => text is { Length: 40 } && text.All(char.IsAsciiHexDigit);

    public static long SFdi(string lfdi) => WithCheckDigit(long.Parse(lfdi.AsSpan(0, 9), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    public static int Pin(int fiveDigits) => (int)WithCheckDigit(fiveDigits);

    private static long WithCheckDigit(long number)
    {
        var sum = number.ToString(CultureInfo.InvariantCulture).Sum(c => c - '0');
        return (number * 10) + ((10 - (sum % 10)) % 10);
    }
}
