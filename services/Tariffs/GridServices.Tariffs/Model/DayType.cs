using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>A kind of day: weekdays, with or without holidays.</summary>
public sealed record DayType
{
    public required string Id { get; init; }
    public required ImmutableArray<IsoDayOfWeek> Days { get; init; }
    public HolidayRule Holidays { get; init; } = HolidayRule.AsWeekday;
}
