using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>An earlier peak that a ratchet or a mean looks back to.</summary>
public sealed record PriorPeak
{
    public required YearMonth Month { get; init; }
    public required decimal Kw { get; init; }

    /// <summary>Absent = for every demand charge.</summary>
    public string? Charge { get; init; }

    /// <summary>Absent = for every period.</summary>
    public string? Period { get; init; }
}
