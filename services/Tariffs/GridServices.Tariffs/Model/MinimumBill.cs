namespace GridServices.Tariffs.Model;

/// <summary>Energy, demand and fixed charges together are at least this.</summary>
public sealed record MinimumBill
{
    public required string Id { get; init; }
    public required decimal Amount { get; init; }
    public MinimumPer Per { get; init; } = MinimumPer.Month;
}
