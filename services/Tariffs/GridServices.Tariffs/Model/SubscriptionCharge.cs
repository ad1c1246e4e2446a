namespace GridServices.Tariffs.Model;

/// <summary>Capacity bought in blocks (EV subscriptions), with a price for what goes beyond.</summary>
public sealed record SubscriptionCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public required decimal BlockKw { get; init; }

    /// <summary>Per block and month.</summary>
    public required decimal BlockPrice { get; init; }

    /// <summary>Per kW above what is subscribed, and month.</summary>
    public required decimal OveragePerKw { get; init; }

    /// <summary>Blocks subscribed where the account does not say.</summary>
    public int? Blocks { get; init; }

    public DemandWindow? Window { get; init; }
}
