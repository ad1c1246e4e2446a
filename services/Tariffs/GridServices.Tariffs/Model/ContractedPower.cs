using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>Contracted kW (kVA) per period.</summary>
public sealed record ContractedPower
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public string? Schedule { get; init; }
    public required ImmutableArray<ContractedRate> Rates { get; init; }
    public ContractedPowerRule Rule { get; init; } = ContractedPowerRule.Maximeter;

    /// <summary>What is contracted and measured; absent = kW.</summary>
    public DemandBasis? Basis { get; init; }

    /// <summary>kVA = kW / this where the meter has no kvar; absent = kVA need reactive intervals.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>Maximeter: at least this share of the contracted kW is billed.</summary>
    public decimal UnderUseShare { get; init; } = 0.85m;

    /// <summary>Maximeter: above this share the penalty starts.</summary>
    public decimal OverUseShare { get; init; } = 1.05m;

    /// <summary>Maximeter: billed kW = measured + this x (measured - share x contracted).</summary>
    public decimal OverUseMultiplier { get; init; } = 2;

    /// <summary>Whether <see cref="ContractedRate.Price"/> and <see cref="ContractedRate.ExcessPrice"/> are per day; otherwise per month.</summary>
    public bool PricePerDay { get; init; }

    public DemandWindow? Window { get; init; }
}
