using System.Collections.Immutable;

namespace GridServices.Tariffs.Allocation;

public enum DemandAllocationMethod
{
    EnergyShare,

    /// <summary>Share of the load in the window that set the peak.</summary>
    CoincidentPeak,

    /// <summary>Share of the sum of own peaks.</summary>
    NonCoincidentPeak,

    /// <summary>Mean marginal contribution to the peak over all orders of arrival.</summary>
    Shapley,

    /// <summary>What each added to the peak when it arrived, in the order given.</summary>
    Marginal,
}

/// <summary>One who shares a demand charge: mean kW in each demand window that the charge looks at.</summary>
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
    /// <summary>Up to so many shareholders with load the Shapley value is exact (2^n coalitions), unless the windows are very many.</summary>
    public const int MostExact = ShapleyValue.MostExact;

    public static DemandAllocationOutcome Allocate(IReadOnlyList<DemandShareholder> shareholders, decimal pricePerKw, DemandAllocationMethod method, int digits = 2, int seed = 1)
    {
        var windows = shareholders.Count == 0 ? 0 : shareholders[0].Kw.Length;
        if (windows == 0 || shareholders.Any(s => s.Kw.Length != windows || s.Kw.Any(kw => kw < 0)))
        {
            throw new ArgumentException("give at least one shareholder; all have the same windows and no negative kW", nameof(shareholders));
        }

        var loads = WindowLoads.From([.. shareholders.Select(s => s.Kw.ToArray())]);
        var peak = loads.Peak;
        var charge = loads.Together[peak] * pricePerKw;
        var (weights, errorShare) = Weights([.. shareholders.Select(s => s.Id)], loads, method, seed);
        var exact = Shares.Split(charge, weights);
        var payable = LargestRemainder.Round(charge, exact, digits);
        return new DemandAllocationOutcome(charge, peak, Named(shareholders, exact), Named(shareholders, payable), errorShare * loads.Highest().Max() * pricePerKw);
    }

    /// <summary>In what proportion a peak is shared, and the likely error of a sampled proportion as a share of each one's own peak (95 %).</summary>
    /// <param name="ids">Who; samples are drawn in the order of these names, so that the order given changes nothing.</param>
    /// <param name="loads">kW of each in the windows of the charge.</param>
    /// <param name="method">How.</param>
    /// <param name="seed">Of samples.</param>
    /// <param name="games">How many such games share the time of samples.</param>
    internal static (decimal[] Weights, decimal ErrorShare) Weights(IReadOnlyList<string> ids, WindowLoads loads, DemandAllocationMethod method, int seed = 1, int games = 1)
    {
        switch (method)
        {
            case DemandAllocationMethod.EnergyShare:
                return (loads.Weighted(_ => 1), 0m);
            case DemandAllocationMethod.CoincidentPeak:
                return (loads.At(loads.Peak), 0m);
            case DemandAllocationMethod.NonCoincidentPeak:
                return (loads.Highest(), 0m);
            case DemandAllocationMethod.Marginal:
                return (loads.Arriving(), 0m);
            default:
                var order = Enumerable.Range(0, ids.Count).OrderBy(i => ids[i], StringComparer.Ordinal).ToArray();
                var (values, errorShare) = ShapleyValue.Compute(loads.InOrder(order), seed, games);
                var weights = new decimal[ids.Count];
                for (var i = 0; i < order.Length; i++)
                {
                    weights[order[i]] = values[i];
                }

                return (weights, errorShare);
        }
    }

    private static ImmutableDictionary<string, decimal> Named(IReadOnlyList<DemandShareholder> shareholders, decimal[] values) =>
        shareholders.Select((s, i) => (s.Id, Value: values[i])).ToImmutableDictionary(s => s.Id, s => s.Value, StringComparer.Ordinal);
}
