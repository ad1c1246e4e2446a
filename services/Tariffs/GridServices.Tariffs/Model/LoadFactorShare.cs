namespace GridServices.Tariffs.Model;

/// <summary>A share of a price for connections that use their peak little.</summary>
public sealed record LoadFactorShare
{
    /// <summary>Load factor (kWh of the cycle / (highest kW of the charge x hours of the cycle)) up to which it holds, inclusive; above 0, below 1.</summary>
    public required decimal UpTo { get; init; }

    /// <summary>0..100 percent of the price.</summary>
    public required decimal Percent { get; init; }
}
