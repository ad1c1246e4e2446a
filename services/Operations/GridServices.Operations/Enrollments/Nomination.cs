using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>How much an enrollment offers in one delivery period.</summary>
public sealed record Nomination : Entity
{
    public required string EnrollmentId { get; init; }

    /// <summary><c>2027-07</c> (month), <c>2027</c> (season, the year it starts in), or an event's id.</summary>
    public required string DeliveryPeriod { get; init; }

    /// <summary>Such as <c>day-ahead 2-6h</c>.</summary>
    public string? Product { get; init; }

    public required decimal Kw { get; init; }

    /// <summary>kW that the site promises not to exceed in an event.</summary>
    public decimal? FirmServiceLevelKw { get; init; }

    public string? BaselineOption { get; init; }

    /// <summary>The utility's or the aggregator's name of a portfolio.</summary>
    public string? Group { get; init; }

    public NominationState State { get; init; } = NominationState.Draft;

    /// <summary>Filled in from the period before; counts for nothing until a person has confirmed it.</summary>
    public bool Prefilled { get; init; }

    public required Instant Deadline { get; init; }
}

public enum NominationState
{
    Draft,
    Submitted,
    Accepted,
    Rejected,
}
