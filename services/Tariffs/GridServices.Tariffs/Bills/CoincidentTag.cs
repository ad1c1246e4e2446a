using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// The kW that the customer had at a system peak that is billed later (the prior year's 4CP, PLC, ICAP tag, Triad). Of several that hold on a day, the charge's
/// <c>combine</c> makes one.
/// </summary>
public sealed record CoincidentTag
{
    /// <summary>Absent = for every coincident charge.</summary>
    public string? Charge { get; init; }

    /// <summary>Mean kW at the peak, at least 0.</summary>
    public required decimal Kw { get; init; }

    /// <summary>When the system peak was.</summary>
    public Instant? At { get; init; }

    /// <summary>First local day that is billed by it; absent with <see cref="Until"/> = the calendar year after <see cref="At"/>, or always.</summary>
    public LocalDate? From { get; init; }

    /// <summary>First local day that no longer is.</summary>
    public LocalDate? Until { get; init; }
}
