using GridServices.Tariffs.Allocation;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>An amount and what it was charged for: kWh in hours, or the highest of some windows (each a list of intervals).</summary>
internal sealed record ChargedFor(decimal Amount, int[] Hours, int[][] Windows)
{
    public static ChargedFor Energy(decimal amount, IEnumerable<int> hours) => new(amount, [.. hours], []);

    public static ChargedFor Peak(decimal price, SiteLoad load, IEnumerable<int> hours, int[][] windows) =>
        new(windows.Length == 0 ? 0 : price * windows.Max(w => BruteForce.Mean(load.Whole, w)), [.. hours], windows);
}

/// <summary>The slow and plain way to share: every order of arrival, every window, every interval.</summary>
internal static class BruteForce
{
    public static decimal[] Split(IEnumerable<ChargedFor> parts, SiteLoad load, DemandAllocationMethod method)
    {
        decimal[][] all = [.. load.Users, load.Rest];
        var amounts = new decimal[all.Length];
        foreach (var part in parts)
        {
            decimal[] weights = part.Windows.Length == 0 ? [.. all.Select(u => part.Hours.Sum(t => u[t]))] : Weights(part, all, load, method);
            var sum = weights.Sum();
            for (var i = 0; i < all.Length; i++)
            {
                amounts[i] += sum == 0 ? (i == all.Length - 1 ? part.Amount : 0) : part.Amount * weights[i] / sum;
            }
        }

        return amounts;
    }

    public static decimal Mean(decimal[] kw, int[] window) => window.Sum(t => t < 0 ? 0 : kw[t]) / window.Length;

    private static decimal[] Weights(ChargedFor part, decimal[][] all, SiteLoad load, DemandAllocationMethod method)
    {
        decimal Highest(IEnumerable<decimal[]> who) => part.Windows.Max(w => who.Sum(u => Mean(u, w)));
        switch (method)
        {
            case DemandAllocationMethod.EnergyShare:
                decimal[] energy = [.. all.Select(u => part.Hours.Sum(t => u[t]))];
                return energy.Sum() > 0 ? energy : [.. all.Select(u => part.Windows.Sum(w => Mean(u, w)))];
            case DemandAllocationMethod.CoincidentPeak:
                var peak = part.Windows.First(w => Mean(load.Whole, w) == Highest([load.Whole]));
                return [.. all.Select(u => Mean(u, peak))];
            case DemandAllocationMethod.NonCoincidentPeak:
                return [.. all.Select(u => Highest([u]))];
            case DemandAllocationMethod.Marginal:
                return Arriving([0, 1, 2, 3], all, Highest);
            default:
                var orders = Orders([0, 1, 2, 3]).ToArray();
                return [.. all.Select((_, i) => orders.Sum(o => Arriving(o, all, Highest)[i]) / orders.Length)];
        }
    }

    private static decimal[] Arriving(int[] order, decimal[][] all, Func<IEnumerable<decimal[]>, decimal> highest)
    {
        var added = new decimal[all.Length];
        for (var i = 0; i < order.Length; i++)
        {
            added[order[i]] = highest(order[..(i + 1)].Select(o => all[o])) - (i == 0 ? 0 : highest(order[..i].Select(o => all[o])));
        }

        return added;
    }

    private static IEnumerable<int[]> Orders(int[] items) => items.Length < 2
        ? [items]
        : items.SelectMany(first => Orders([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
}
