using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Allocation;

/// <summary>A charging session that pays its part of the site's bill.</summary>
/// <param name="Id">What it is known by.</param>
/// <param name="Parts">When its energy flowed; inside a part it is spread evenly over time.</param>
public sealed record AllocatedSession(string Id, ImmutableArray<SessionStretch> Parts)
{
    /// <summary>Who charged: a contract, a tenant, a token.</summary>
    public string? User { get; init; }

    /// <summary>Where: an EVSE or a station.</summary>
    public string? Station { get; init; }

    /// <summary>What was paid for it, in the bill's currency.</summary>
    public decimal? Paid { get; init; }

    /// <summary>It has no end yet: its share is an estimate.</summary>
    public bool IsUnderWay { get; init; }

    public decimal Kwh => Parts.Sum(p => p.Kwh);
}

/// <summary>Energy over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, after the start.</param>
/// <param name="Kwh">0 or more.</param>
public sealed record SessionStretch(Instant From, Instant Until, decimal Kwh);
