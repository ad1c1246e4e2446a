using GridServices.Operations.Bulk;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Money;

/// <summary>Energy of a session over [<see cref="From"/>, <see cref="Until"/>), kWh ≥ 0.</summary>
public sealed record SessionPart(Instant From, Instant Until, decimal Kwh);

/// <summary>A charging session that a share of the bill falls on.</summary>
public sealed record ChargingSession
{
    public required string Id { get; init; }
    public required string Evse { get; init; }

    /// <summary>In order, at least one.</summary>
    public required ValueList<SessionPart> Parts { get; init; }

    /// <summary>What the driver paid; null = not told.</summary>
    public decimal? Paid { get; init; }

    /// <summary>ISO 4217 of <see cref="Paid"/>; null = not told, and then it is the bill's.</summary>
    public string? Currency { get; init; }

    /// <summary>Whose card or contract it was: personal data; null = not told.</summary>
    public string? User { get; init; }

    public decimal Kwh => Parts.Sum(p => p.Kwh);

    public Instant Start => Parts[0].From;

    public Instant End => Parts[^1].Until;
}

/// <summary>A session, or what is wrong with it and where.</summary>
public sealed record SessionRow(int Number, ChargingSession? Session, ValueList<BulkFault> Faults);
