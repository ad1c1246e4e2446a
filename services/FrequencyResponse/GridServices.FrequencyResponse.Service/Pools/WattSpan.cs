using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>A power that is known to lie from least to most, W; both alike where it was measured, neither a number where nobody knows.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WattSpan(double Least, double Most)
{
    public static WattSpan Unknown { get; } = new(double.NaN, double.NaN);

    public bool IsExact => Least == Most;

    public static WattSpan Exactly(double watts) => new(watts, watts);

    public static WattSpan operator +(WattSpan one, WattSpan other) => new(one.Least + other.Least, one.Most + other.Most);

    /// <summary>Either of both, or what lies between them.</summary>
    public WattSpan Or(WattSpan other) => new(Math.Min(Least, other.Least), Math.Max(Most, other.Most));

    /// <summary>What both allow; where they contradict each other, neither is trusted.</summary>
    public WattSpan And(WattSpan other)
    {
        var both = new WattSpan(Math.Max(Least, other.Least), Math.Min(Most, other.Most));
        return both.Least <= both.Most ? both : Or(other);
    }
}
