using System.Collections.Immutable;

namespace GridServices.Tariffs;

public enum DemandAllocationMethod
{
    EnergyShare,

    /// <summary>Share of the load in the interval that set the peak.</summary>
    CoincidentPeak,

    /// <summary>Share of the sum of own peaks.</summary>
    NonCoincidentPeak,

    /// <summary>Mean marginal contribution to the peak over all orders of arrival.</summary>
    Shapley,

    /// <summary>What each added to the peak when it arrived, in the order given.</summary>
    Marginal,
}

/// <summary>One who shares a demand charge: mean kW in each demand window of the cycle.</summary>
public sealed record DemandShareholder(string Id, ImmutableArray<decimal> Kw);

/// <summary>A demand charge split; the exact shares and those to the cent, which sum to the charge.</summary>
/// <param name="Charge">Site peak x price.</param>
/// <param name="PeakWindow">The window that set the peak.</param>
/// <param name="Exact">Shares, not rounded.</param>
/// <param name="Payable">Shares in the currency's digits.</param>
/// <param name="ErrorBound">Largest likely error of a sampled share (95 %); 0 when exact.</param>
public sealed record DemandAllocationOutcome(decimal Charge, int PeakWindow, ImmutableDictionary<string, decimal> Exact, ImmutableDictionary<string, decimal> Payable, decimal ErrorBound);

/// <summary>Splits a site's demand charge among sessions or tenants. Shares sum to the charge, none is negative, and who takes nothing pays nothing.</summary>
public static class DemandAllocation
{
    /// <summary>Up to so many shareholders the Shapley value is exact (2^n coalitions).</summary>
    public const int MostExact = 12;

    private const int Samples = 20_000;

    public static DemandAllocationOutcome Of(IReadOnlyList<DemandShareholder> shareholders, decimal pricePerKw, DemandAllocationMethod method, int digits = 2, int seed = 1)
    {
        var windows = shareholders.Count == 0 ? 0 : shareholders[0].Kw.Length;
        if (windows == 0 || shareholders.Any(s => s.Kw.Length != windows || s.Kw.Any(kw => kw < 0)))
        {
            throw new ArgumentException("give at least one shareholder; all have the same windows and no negative kW", nameof(shareholders));
        }

        var site = Enumerable.Range(0, windows).Select(w => shareholders.Sum(s => s.Kw[w])).ToArray();
        var peak = Array.IndexOf(site, site.Max());
        var charge = site[peak] * pricePerKw;
        var (weights, error) = method switch
        {
            DemandAllocationMethod.EnergyShare => ([.. shareholders.Select(s => s.Kw.Sum())], 0m),
            DemandAllocationMethod.CoincidentPeak => ([.. shareholders.Select(s => s.Kw[peak])], 0m),
            DemandAllocationMethod.NonCoincidentPeak => ([.. shareholders.Select(s => s.Kw.Max())], 0m),
            DemandAllocationMethod.Marginal => (Order(shareholders, [.. Enumerable.Range(0, shareholders.Count)]), 0m),
            _ when shareholders.Count <= MostExact => (Shapley(shareholders), 0m),
            _ => Sampled(shareholders, new Random(seed)),
        };
        var total = weights.Sum();
        var exact = weights.Select(w => total == 0 ? 0 : charge * w / total).ToArray();
        var payable = LargestRemainder.Round(charge, exact, digits);
        return new DemandAllocationOutcome(charge, peak, Named(shareholders, exact), Named(shareholders, payable), error * pricePerKw);
    }

    private static ImmutableDictionary<string, decimal> Named(IReadOnlyList<DemandShareholder> shareholders, decimal[] values) =>
        shareholders.Select((s, i) => (s.Id, Value: values[i])).ToImmutableDictionary(s => s.Id, s => s.Value, StringComparer.Ordinal);

    /// <summary>What each adds to the peak, arriving in this order.</summary>
    private static decimal[] Order(IReadOnlyList<DemandShareholder> shareholders, int[] order)
    {
        var load = new decimal[shareholders[0].Kw.Length];
        var (added, before) = (new decimal[order.Length], 0m);
        foreach (var i in order)
        {
            for (var w = 0; w < load.Length; w++)
            {
                load[w] += shareholders[i].Kw[w];
            }

            var peak = load.Max();
            (added[i], before) = (peak - before, peak);
        }

        return added;
    }

    private static decimal[] Shapley(IReadOnlyList<DemandShareholder> shareholders)
    {
        var count = shareholders.Count;
        var peaks = Coalitions(shareholders);
        var share = new decimal[count];
        var weight = Weights(count);
        for (var coalition = 0; coalition < peaks.Length; coalition++)
        {
            for (var i = 0; i < count; i++)
            {
                if ((coalition & 1 << i) == 0)
                {
                    share[i] += (peaks[coalition | 1 << i] - peaks[coalition]) * weight[System.Numerics.BitOperations.PopCount((uint)coalition)];
                }
            }
        }

        var orders = Factorial(count);
        return [.. share.Select(s => s / orders)];
    }

    private static decimal[] Coalitions(IReadOnlyList<DemandShareholder> shareholders)
    {
        var peaks = new decimal[1 << shareholders.Count];
        var load = new decimal[shareholders[0].Kw.Length];
        for (var coalition = 1; coalition < peaks.Length; coalition++)
        {
            Array.Clear(load);
            for (var i = 0; i < shareholders.Count; i++)
            {
                for (var w = 0; (coalition & 1 << i) != 0 && w < load.Length; w++)
                {
                    load[w] += shareholders[i].Kw[w];
                }
            }

            peaks[coalition] = load.Max();
        }

        return peaks;
    }

    /// <summary>Orders in which a given coalition of that size came first and the rest last.</summary>
    private static decimal[] Weights(int count) => [.. Enumerable.Range(0, count).Select(size => Factorial(size) * Factorial(count - size - 1))];

    private static decimal Factorial(int n) => Enumerable.Range(1, n).Aggregate(1m, (product, i) => product * i);

    private static (decimal[] Weights, decimal Error) Sampled(IReadOnlyList<DemandShareholder> shareholders, Random random)
    {
        var share = new decimal[shareholders.Count];
        var order = Enumerable.Range(0, shareholders.Count).ToArray();
        for (var sample = 0; sample < Samples; sample++)
        {
            random.Shuffle(order);
            var added = Order(shareholders, order);
            for (var i = 0; i < share.Length; i++)
            {
                share[i] += added[i];
            }
        }

        // Hoeffding: a marginal contribution lies between 0 and the own peak; sqrt(ln(2/0.05) / (2 x samples)) of that range.
        var range = shareholders.Max(s => s.Kw.Max());
        return ([.. share.Select(s => s / Samples)], range * SquareRoot.Of(3.688879454113936m / (2 * Samples)));
    }
}
