using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>The server's clock was found to be elsewhere: what was noted by the former difference moves along, and what time alone had closed is open again.</summary>
internal static class Reclocking
{
    /// <param name="state">As judged by the former difference.</param>
    /// <param name="change">New difference against the former one.</param>
    /// <param name="clock">The clocks as they are.</param>
    /// <param name="now">The server's time by the new one.</param>
    public static DerScheduleState Apply(DerScheduleState state, ClockChange change, ServerClock clock, Instant now)
    {
        // Too much for a trifle: controls that were over by the former clock alone act to their real end.
        var reopen = ClockRules.IsFar(change.Shift);
        var moved = change == default ? state : state with { Controls = state.Controls.Select(c => Apply(c, change, now, reopen)).ToValueList() };

        // The same schedule lies elsewhere on the machine's clock, and is stated again.
        return moved.StatedBy == clock.OffsetToMachine ? moved : moved with
        {
            Published = moved.Published.Select(p => p.Live ? p with { Statement = null } : p).ToValueList(),
            StatedBy = clock.OffsetToMachine,
        };
    }

    /// <summary>True: what is live was stated by another difference of the clocks; also where the step in which it changed looked at nothing.</summary>
    public static bool IsStatedOtherwise(DerScheduleState state, ServerClock clock) => state.StatedBy != clock.OffsetToMachine && state.Published.Any(p => p.Live);

    /// <summary>A control whose assignment has a clock of its own, as that stands now: it lies elsewhere where that clock was found elsewhere.</summary>
    /// <param name="held">As it was taken.</param>
    /// <param name="shiftS">See <see cref="ProgramView.ClockShiftS"/>.</param>
    /// <param name="now">The server's time.</param>
    public static HeldControl OnClock(HeldControl held, long? shiftS, Instant now)
    {
        if (shiftS == held.Content.ClockShiftS)
        {
            return held;
        }

        var by = (shiftS ?? 0) - (held.Content.ClockShiftS ?? 0);
        var moved = Lying(held, by, shiftS, now);
        return ClockRules.IsFar(Duration.FromSeconds(by)) ? Reopen(moved, now) : moved;
    }

    private static HeldControl Apply(HeldControl held, ClockChange clock, Instant now, bool reopen)
    {
        var shift = clock.Shift;

        // What another clock dates is where it was on ours: by the server's it lies elsewhere.
        var lying = held.Content.ClockShiftS is { } s && (long)Math.Round(shift.TotalSeconds) is var by && by != 0 ? Lying(held, by, s + by, now) : held;
        var moved = lying with
        {
            // Where only the machine was another, what was received before was timed right: it must not begin later for that.
            ReceivedAt = clock.IsOfGuess && shift > Duration.Zero ? held.ReceivedAt : held.ReceivedAt + shift,
            FirstReceivedAt = held.FirstReceivedAt + shift,
            Ending = held.Ending is { } ending ? ending with { At = ending.At + shift } : null,
            Closed = held.Closed + shift,
            OptOuts = held.OptOuts.Count == 0 ? held.OptOuts : held.OptOuts.Select(o => new OptOut(o.From + shift, o.Until + shift)).ToValueList(),
            Begun = lying.Begun && lying.Start <= now,
        };
        return reopen ? Reopen(moved, now) : moved;
    }

    private static HeldControl Lying(HeldControl held, long byS, long? shiftS, Instant now)
    {
        var start = held.Start + Duration.FromSeconds(byS);
        return held with { Content = held.Content.Moved(byS, shiftS), Start = start, End = held.End + Duration.FromSeconds(byS), Begun = held.Begun && start <= now };
    }

    private static HeldControl Reopen(HeldControl moved, Instant now) => moved.Ending is null && moved.End > now && moved.Closed is not null
        ? moved with { Closed = null, Told = moved.Told.Where(s => s is not (ResponseStatus.Completed or ResponseStatus.Superseded) && !OptOuts.HasSeconds(s)).ToValueList() }
        : moved;
}
