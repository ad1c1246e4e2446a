using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Time;

/// <summary>How a step changed what is known of the clocks.</summary>
/// <param name="Shift">Of the server's against ours: what was judged by the former difference lies elsewhere.</param>
/// <param name="IsMoved">True: the server's against the machine's, by which the sites live: what is published lies elsewhere.</param>
/// <param name="IsOfGuess">True: the former difference was of another process, or the new one is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClockChange(Duration Shift, bool IsMoved, bool IsOfGuess)
{
    public static ClockChange Between(ServerClock before, ServerClock after)
    {
        // Another process' clock is another one, and what was judged by the former was judged right: the server's against the machine's tells.
        var shift = after.Offset == before.Offset ? Duration.Zero : after.OffsetToMachine - before.OffsetToMachine;
        var change = new ClockChange(shift, after.OffsetToMachine != before.OffsetToMachine, before.IsGuess || after.IsGuess);
        return change is { IsMoved: false } && change.Shift == Duration.Zero ? default : change;
    }
}
