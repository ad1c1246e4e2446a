using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What a site draws beside a pool, W, + = import.</summary>
/// <param name="W">It lies in this.</param>
/// <param name="LikelyW">Null: the pool was measured. Else nobody sees whether the pool does what it is told: it has half of the room then at most, which stays the same whether it does or not, as long as what it is told keeps its sign.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RestPower(WattSpan W, double? LikelyW = null)
{
    /// <summary>Most injection under an export limit; not a number where nobody knows.</summary>
    public double CeilingW(double exportLimitW) =>
        Math.Max(0, Math.Min(exportLimitW + W.Least, LikelyW is { } likely ? (exportLimitW + likely) / 2 : double.PositiveInfinity));

    /// <summary>Least injection (negative: most import) under an import limit; not a number where nobody knows.</summary>
    public double FloorW(double importLimitW) =>
        Math.Min(0, Math.Max(W.Most - importLimitW, LikelyW is { } likely ? (likely - importLimitW) / 2 : double.NegativeInfinity));
}
