namespace GridServices.Tariffs;

public sealed record ContractedRate
{
    public required string Period { get; init; }

    /// <summary>Contracted kW where the account does not say.</summary>
    public decimal? ContractedKw { get; init; }

    public required decimal Price { get; init; }

    /// <summary>Excess rule: per kW above the contracted, and day or month as <see cref="ContractedPower.PricePerDay"/> says.</summary>
    public decimal? ExcessPrice { get; init; }
}
