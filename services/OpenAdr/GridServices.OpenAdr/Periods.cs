using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>Periods of the wire as exact durations.</summary>
internal static class Periods
{
    /// <summary>Null where the period has no fixed length (months, years) or overflows.</summary>
    public static Duration? Exactly(this Period period)
    {
        if (period.Months != 0 || period.Years != 0)
        {
            return null;
        }

        try
        {
            return period.ToDuration();
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The period between two durations, whatever it says: months and years count as the upper bound.</summary>
    public static Duration Clamp(Period period, Duration floor, Duration ceiling) =>
        period.Exactly() is { } exact ? Duration.Max(floor, Duration.Min(ceiling, exact)) : ceiling;

    /// <summary>As written on the wire: whole seconds, in the largest units that need no calendar.</summary>
    public static Period ToPeriod(this Duration duration) => Period.FromSeconds((long)duration.TotalSeconds).Normalize();
}
