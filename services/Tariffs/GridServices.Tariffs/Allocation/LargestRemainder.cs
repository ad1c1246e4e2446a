using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Allocation;

/// <summary>Splits money so that the rounded parts sum to the rounded whole.</summary>
public static class LargestRemainder
{
    /// <summary>
    /// Parts in proportion to <paramref name="weights"/>, each in whole units of 10^-<paramref name="digits"/>; units that are left go to the largest
    /// remainders (the earlier one on a tie). A weight of 0 gets 0.
    /// </summary>
    /// <exception cref="ArgumentException">A negative weight, or no weight for a total that is not 0.</exception>
    public static decimal[] Split(decimal total, IReadOnlyList<decimal> weights, int digits)
    {
        var sum = weights.Sum();
        if (weights.Any(w => w < 0) || (sum == 0 && total != 0))
        {
            throw new ArgumentException("weights are not negative, and at least one is above 0", nameof(weights));
        }

        return sum == 0 ? new decimal[weights.Count] : Round(total, [.. weights.Select(w => total * w / sum)], digits);
    }

    /// <summary>Exact parts rounded so that they sum to the rounded <paramref name="total"/>; parts of exactly 0 stay 0.</summary>
    public static decimal[] Round(decimal total, IReadOnlyList<decimal> parts, int digits)
    {
        var unit = 1 / ExactDecimal.Power(digits);
        var whole = Rounding.Apply(total, digits, RoundingMode.HalfUp);
        var floors = parts.Select(p => Math.Floor(p / unit) * unit).ToArray();
        var left = (int)((whole - floors.Sum()) / unit);
        var order = Enumerable.Range(0, parts.Count).Where(i => parts[i] != 0).OrderByDescending(i => parts[i] - floors[i]).ThenBy(i => i).ToArray();
        for (var i = 0; order.Length > 0 && i < Math.Abs(left); i++)
        {
            floors[left > 0 ? order[i % order.Length] : order[^(1 + i % order.Length)]] += Math.Sign(left) * unit;
        }

        return floors;
    }
}
