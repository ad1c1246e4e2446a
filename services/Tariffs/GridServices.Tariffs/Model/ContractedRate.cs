namespace GridServices.Tariffs.Model;

public sealed record ContractedRate
{
    public required string Period { get; init; }

    /// <summary>Contracted kW where the account does not say.</summary>
    public decimal? ContractedKw { get; init; }

    public required decimal Price { get; init; }

    /// <summary>Excess rule: per kW above the contracted, and day or month as <see cref="ContractedPower.PricePerDay"/> says. Square-root excess: per kW of the root and billing period.</summary>
    public decimal? ExcessPrice { get; init; }

    /// <summary>Square-root excess: the period's coefficient; absent = 1.</summary>
    public decimal? ExcessCoefficient { get; init; }
}
