using System.Collections.Immutable;

namespace GridServices.Tariffs.Settlement;

/// <summary>Which days are alike.</summary>
public enum DayGrouping
{
    /// <summary>Working days; weekends and holidays.</summary>
    WorkingDayOrNot,

    /// <summary>Working days; Saturdays; Sundays and holidays.</summary>
    ThreeTypes,

    SameWeekday,
    Any,
}

public enum AdjustmentMethod
{
    None,

    /// <summary>Baseline x (event day / baseline) in the adjustment window.</summary>
    Multiplicative,

    /// <summary>Baseline + (event day - baseline) in the adjustment window.</summary>
    Additive,
}

/// <summary>
/// A customer baseline "X of Y" as data: the last Y like days before the event, ranked by their load in the event's hours; the highest
/// <see cref="DropHighest"/> are dropped and the next <see cref="Select"/> averaged; then adjusted to the event day's morning.
/// </summary>
public sealed record BaselineRule
{
    public required string Name { get; init; }

    /// <summary>Y: days in the window.</summary>
    public required int WindowDays { get; init; }

    /// <summary>X: days averaged.</summary>
    public required int Select { get; init; }

    /// <summary>So many like days are enough where the lookback has no more, and of them at most <see cref="Select"/> are averaged; absent = <see cref="WindowDays"/>.</summary>
    public int? LeastDays { get; init; }

    public int DropHighest { get; init; }

    public DayGrouping Days { get; init; } = DayGrouping.WorkingDayOrNot;

    public int MaxLookbackDays { get; init; } = 45;

    /// <summary>Days whose load in the event's hours is below this share of the window's mean are left out and replaced by earlier ones.</summary>
    public decimal? LowUsageShare { get; init; }

    /// <summary>The days weigh the less the older they are; absent = all the same.</summary>
    public RollingMean? Rolling { get; init; }

    /// <summary>How the temperature enters; absent = not at all.</summary>
    public WeatherRule? Weather { get; init; }

    public AdjustmentMethod Adjustment { get; init; } = AdjustmentMethod.None;

    /// <summary>Hours of the adjustment window, counted from the event's start: -4 is the hour that starts four hours before.</summary>
    public ImmutableArray<int> AdjustmentHours { get; init; } = [];

    /// <summary>Multiplicative: the factor stays within 1 ± this; additive: the sum stays within ± this share of the baseline's mean.</summary>
    public decimal? AdjustmentCap { get; init; }

    /// <summary>Whether load above the baseline counts as negative delivery; otherwise as none.</summary>
    public bool SignedDelivery { get; init; } = true;
}
