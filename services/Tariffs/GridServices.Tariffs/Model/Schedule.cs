using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>A division of all time into periods: for each moment, the first rule that matches it names the period.</summary>
public sealed record Schedule
{
    public required string Id { get; init; }
    public required ImmutableArray<ScheduleRule> Rules { get; init; }
}
