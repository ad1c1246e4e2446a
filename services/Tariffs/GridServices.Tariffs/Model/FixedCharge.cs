namespace GridServices.Tariffs;

public sealed record FixedCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public required decimal Amount { get; init; }
    public FixedPer Per { get; init; } = FixedPer.Month;

    /// <summary>Times the account's meters.</summary>
    public bool PerMeter { get; init; }

    /// <summary>Times the account's meters beyond the first.</summary>
    public bool PerAdditionalMeter { get; init; }
}
