using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

public sealed record FixedCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>Per <see cref="Per"/>; with <see cref="Classes"/>: above the last of them.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Other amounts by the size of the peak, smallest class first.</summary>
    public ImmutableArray<KwClass> Classes { get; init; } = [];

    /// <summary>Classes: over which time kW are averaged.</summary>
    public DemandWindow? Window { get; init; }

    /// <summary>Classes: the highest peak of so many months before the billed one counts too; absent = none.</summary>
    public int? LookbackMonths { get; init; }
    public FixedPer Per { get; init; } = FixedPer.Month;

    /// <summary>Times the account's meters.</summary>
    public bool PerMeter { get; init; }

    /// <summary>Times the account's meters beyond the first.</summary>
    public bool PerAdditionalMeter { get; init; }
}
