namespace GridServices.Tariffs.Model;

/// <summary>Reactive power or energy beyond a free share; needs reactive intervals.</summary>
public sealed record ReactiveCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public ReactiveRule Rule { get; init; } = ReactiveRule.ExcessKvar;

    /// <summary>kvar per kW (or kvarh per kWh) that are free.</summary>
    public required decimal FreeShare { get; init; }

    public required decimal Price { get; init; }
    public DemandWindow? Window { get; init; }
}
