namespace GridServices.Operations.Registry.Identifiers;

/// <summary>The check digits of the numbers that utilities use.</summary>
internal static class CheckDigits
{
    // 11 is left out on purpose: BSC procedure 501, the check digit of an MPAN.
    private static readonly int[] MpanPrimes = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43];

    /// <summary>AEMO's: codes of the characters from the right, every other one doubled from the last on, their decimal digits summed up to the next ten.</summary>
    public static char Nmi(ReadOnlySpan<char> ten)
    {
        var sum = 0;
        for (var i = ten.Length - 1; i >= 0; i--)
        {
            var doubled = (ten.Length - 1 - i) % 2 == 0;
            sum += DigitSum(doubled ? 2 * ten[i] : ten[i]);
        }

        return Digit((10 - (sum % 10)) % 10);
    }

    /// <summary>Digits times primes, modulo 11, modulo 10.</summary>
    public static char Mpan(ReadOnlySpan<char> twelve)
    {
        var sum = 0;
        for (var i = 0; i < MpanPrimes.Length; i++)
        {
            sum += MpanPrimes[i] * (twelve[i] - '0');
        }

        return Digit(sum % 11 % 10);
    }

    /// <summary>GS1's: weights 3 and 1 from the right.</summary>
    public static char Gs1(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            sum += (digits[i] - '0') * ((digits.Length - 1 - i) % 2 == 0 ? 3 : 1);
        }

        return Digit((10 - (sum % 10)) % 10);
    }

    /// <summary>SFDI and PIN: all digits together are a multiple of ten. IEEE 2030.5 6.3.</summary>
    public static bool SumsToTen(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        foreach (var c in digits)
        {
            sum += c - '0';
        }

        return sum % 10 == 0;
    }

    /// <summary>The digit that <see cref="SumsToTen"/> wants after these.</summary>
    public static char UpToTen(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        foreach (var c in digits)
        {
            sum += c - '0';
        }

        return Digit((10 - (sum % 10)) % 10);
    }

    private static int DigitSum(int value)
    {
        var sum = 0;
        for (; value > 0; value /= 10)
        {
            sum += value % 10;
        }

        return sum;
    }

    private static char Digit(int value) => (char)('0' + value);
}
