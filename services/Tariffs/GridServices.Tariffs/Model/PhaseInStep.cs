namespace GridServices.Tariffs.Model;

/// <summary>A share of a price for the first months of service.</summary>
public sealed record PhaseInStep
{
    /// <summary>Holds for billing cycles that begin before so many months after the first day of service.</summary>
    public required int UntilMonths { get; init; }

    /// <summary>0..100 percent of the price.</summary>
    public required decimal Percent { get; init; }
}
