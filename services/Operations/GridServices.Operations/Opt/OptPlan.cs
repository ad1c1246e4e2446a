using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>A choice made before the event is known: for each event that touches [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record OptPlan : Entity
{
    /// <summary>The site; null only with <see cref="EnrollmentId"/>.</summary>
    public string? SiteId { get; init; }

    /// <summary>One enrollment; null = every program of the site.</summary>
    public string? EnrollmentId { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public required OptDirection Direction { get; init; }
    public required OptReason Reason { get; init; }
    public string? Text { get; init; }
}

public enum OptDirection
{
    Out,
    In,
}
