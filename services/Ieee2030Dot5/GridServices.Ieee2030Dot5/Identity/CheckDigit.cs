namespace GridServices.Ieee2030Dot5.Identity;

/// <summary>The check digit of SFDI and PIN: it makes the sum of all decimal digits a multiple of ten. Not Luhn.</summary>
internal static class CheckDigit
{
    public static long Append(long number) => (number * 10) + ((10 - (Sum(number) % 10)) % 10);

    public static bool IsValid(long number) => number >= 0 && Sum(number) % 10 == 0;

    private static long Sum(long number)
    {
        long sum = 0;
        for (; number > 0; number /= 10)
        {
            sum += number % 10;
        }

        return sum;
    }
}
