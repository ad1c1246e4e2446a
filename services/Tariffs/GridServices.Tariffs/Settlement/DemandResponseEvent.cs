using NodaTime;

namespace GridServices.Tariffs.Settlement;

/// <summary>
/// An event [<see cref="From"/>, <see cref="Until"/>) of at most 24 hours, also over midnight; or, in place of the two, whole hours
/// [FromHour, UntilHour) of the clock on a local day, which are one hour more or less on a day on which the clock is changed in them.
/// </summary>
/// <param name="Date">The local day; absent = from and until are given.</param>
/// <param name="FromHour">First hour.</param>
/// <param name="UntilHour">First hour that is no longer in it.</param>
/// <param name="Source">What the intervals were read by; absent = a meter.</param>
public sealed record DemandResponseEvent(LocalDate? Date = null, int FromHour = 0, int UntilHour = 0, MeasurementSource Source = MeasurementSource.Meter)
{
    /// <summary>Start of the event.</summary>
    public Instant? From { get; init; }

    /// <summary>End, exclusive: a whole number of settlement intervals after the start.</summary>
    public Instant? Until { get; init; }

    /// <summary>Length of a settlement interval: 1, 5, 15, 30 or 60 minutes.</summary>
    public int IntervalMinutes { get; init; } = 60;

    /// <summary>When the event is; empty or backwards where it can't be.</summary>
    internal (Instant From, Instant Until) Span(DateTimeZone zone) => Date is { } date
        ? (Clock(zone, date, FromHour), Clock(zone, date, UntilHour))
        : (From ?? Instant.MinValue, Until ?? Instant.MinValue);

    // An hour that the clock skips begins when it has skipped it.
    private static Instant Clock(DateTimeZone zone, LocalDate date, int hour) => zone.AtLeniently(date.AtMidnight().PlusHours(hour)).ToInstant();
}

/// <summary>A stretch of the event's day, and the same time of the clock on other days.</summary>
/// <param name="At">On the event's day.</param>
/// <param name="DaysAfter">Local days from the one on which the event begins to that of the stretch.</param>
/// <param name="Time">What the clock shows at its start.</param>
/// <param name="Length">Elapsed time.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct EventSlot(Instant At, int DaysAfter, LocalTime Time, Duration Length)
{
    /// <summary>The start of the same stretch of an event that begins on another day.</summary>
    public LocalDateTime On(LocalDate day) => day.PlusDays(DaysAfter).At(Time);
}

/// <summary>The stretches in which an event is looked at.</summary>
/// <param name="Day">The local day on which it begins.</param>
/// <param name="Slots">Its settlement intervals.</param>
/// <param name="Adjustment">The hours of the adjustment window, counted in elapsed time from the event's start.</param>
internal sealed record EventPlan(LocalDate Day, IReadOnlyList<EventSlot> Slots, IReadOnlyList<EventSlot> Adjustment)
{
    public IEnumerable<EventSlot> All => Slots.Concat(Adjustment);

    public static EventPlan Create(BaselineRule rule, DemandResponseEvent e, DateTimeZone zone)
    {
        var (from, until) = e.Span(zone);
        var day = from.InZone(zone).Date;
        var length = Duration.FromMinutes(e.IntervalMinutes);
        EventSlot Slot(Instant at, Duration elapsed)
        {
            var local = at.InZone(zone).LocalDateTime;
            return new EventSlot(at, Period.DaysBetween(day, local.Date), local.TimeOfDay, elapsed);
        }

        return new EventPlan(
            day,
            [.. Enumerable.Range(0, (int)((until - from) / length)).Select(i => Slot(from + (length * i), length))],
            rule.Adjustment == AdjustmentMethod.None ? [] : [.. rule.AdjustmentHours.Select(h => Slot(from + Duration.FromHours(h), Duration.FromHours(1)))]);
    }

    /// <summary>The local days that would be touched had the event begun on <paramref name="day"/>.</summary>
    public IEnumerable<LocalDate> GetDays(LocalDate day) => All.Select(slot => day.PlusDays(slot.DaysAfter)).Distinct();
}
