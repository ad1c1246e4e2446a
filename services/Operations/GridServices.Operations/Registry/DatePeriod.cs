using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>Days as forms and contracts say them: both the first and the last one count.</summary>
public sealed record DatePeriod
{
    public required LocalDate From { get; init; }

    /// <summary>The last day, included; null = until further notice.</summary>
    public LocalDate? Until { get; init; }

    public bool Contains(LocalDate day) => From <= day && (Until is null || day <= Until);

    public bool Overlaps(DatePeriod other) => (other.Until is null || From <= other.Until) && (Until is null || other.From <= Until);

    /// <summary>From the start of the first day to the end of the last one in the zone, half-open.</summary>
    public Interval In(DateTimeZone zone) =>
        new(zone.AtStartOfDay(From).ToInstant(), Until is { } last ? zone.AtStartOfDay(last.PlusDays(1)).ToInstant() : null);
}
