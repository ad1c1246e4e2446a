using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>Matches when month, season and day type (each if stated) fit and the wall clock is in [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record ScheduleRule
{
    public required string Period { get; init; }
    public ImmutableArray<int> Months { get; init; } = [];
    public ImmutableArray<string> Seasons { get; init; } = [];
    public ImmutableArray<string> DayTypes { get; init; } = [];

    /// <summary><c>HH:mm</c>; absent = midnight.</summary>
    public DayTime From { get; init; } = DayTime.Midnight;

    /// <summary><c>HH:mm</c>, up to <c>24:00</c>; not after <see cref="From"/> = over midnight.</summary>
    public DayTime Until { get; init; } = DayTime.EndOfDay;

    /// <summary>Only while a called event of this kind lasts (critical peak, demand response); such a rule goes before all others.</summary>
    public string? Event { get; init; }
}
