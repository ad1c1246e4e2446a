using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What a site draws beside its pools, W, + = import.</summary>
/// <param name="W">It lies in this.</param>
/// <param name="LikelyW">Null: the pools were measured. Else nobody sees whether all of them do what they are told; this is the likeliest.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RestPower(WattSpan W, double? LikelyW = null)
{
    /// <summary>Most injection under an export limit, and how much of it is likely to last; not a number where nobody knows.</summary>
    public (double MostW, double LikelyW) Ceiling(double exportLimitW) => (Math.Max(0, exportLimitW + W.Least), Math.Max(0, exportLimitW + (LikelyW ?? W.Least)));

    /// <summary>Most draw under an import limit, ≥ 0, and how much of it is likely to last; not a number where nobody knows.</summary>
    public (double MostW, double LikelyW) Floor(double importLimitW) => (Math.Max(0, importLimitW - W.Most), Math.Max(0, importLimitW - (LikelyW ?? W.Most)));
}
