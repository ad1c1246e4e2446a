namespace GridServices.Tariffs.Allocation;

/// <summary>An amount in exact parts that sum to it, to the last digit.</summary>
internal static class Shares
{
    /// <summary>Digits that parts are kept to; what division leaves beyond them goes to the largest part.</summary>
    private const int Digits = 18;

    /// <summary>In proportion to weights that are not negative; all 0 where nobody has a weight.</summary>
    public static decimal[] Split(decimal amount, IReadOnlyList<decimal> weights)
    {
        var sum = weights.Sum();
        return sum == 0 ? new decimal[weights.Count] : Fitted(amount, [.. weights.Select(w => w == 0 ? 0 : w == sum ? amount : amount * w / sum)]);
    }

    /// <summary>Parts made to sum to an amount: what is missing is spread in proportion to their size, whatever their sign; who has no part gets none.</summary>
    public static decimal[] Fitted(decimal amount, decimal[] parts)
    {
        var (missing, size) = (amount - parts.Sum(), parts.Sum(Math.Abs));
        if (size == 0)
        {
            return parts;
        }

        decimal[] fitted = [.. parts.Select(p => decimal.Round(missing == 0 ? p : p + missing * Math.Abs(p) / size, Digits))];
        var largest = Array.IndexOf(fitted, fitted.MaxBy(Math.Abs));
        fitted[largest] += amount - fitted.Sum();
        return fitted;
    }
}
