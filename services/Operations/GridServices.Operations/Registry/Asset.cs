using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>Something at a site that can change its power.</summary>
public sealed record Asset : Entity
{
    public required string SiteId { get; init; }
    public required AssetKind Kind { get; init; }
    public required string Name { get; init; }
    /// <summary>Its id at the hub and the services; null = the services do not know it.</summary>
    public string? AssetId { get; init; }

    public required long RatedW { get; init; }

    /// <summary>Storage only.</summary>
    public long? EnergyWh { get; init; }

    public bool Controllable { get; init; }

    /// <summary>W that can be shed in summer; null = not known.</summary>
    public long? CurtailableSummerW { get; init; }

    /// <summary>W that can be shed in winter; null = not known.</summary>
    public long? CurtailableWinterW { get; init; }

    public Duration? MinRuntime { get; init; }
    public Duration? Notice { get; init; }
    public Duration? RampTime { get; init; }

    /// <summary>Generators only.</summary>
    public string? Fuel { get; init; }

    public string? PermitNo { get; init; }

    /// <summary>Last day of the permit.</summary>
    public LocalDate? PermitUntil { get; init; }
}

public enum AssetKind
{
    EvGroup,
    Ess,
    Pv,
    Hvac,
    Generator,
}
