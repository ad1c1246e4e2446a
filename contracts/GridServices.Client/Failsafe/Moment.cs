using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// One reading of both clocks. Schedules go by <see cref="Wall"/>; staleness and shortest stays go by <see cref="Monotonic"/>,
/// so that a clock set back or forth neither hides a dead line nor invents one.
/// </summary>
/// <param name="Wall">UTC.</param>
/// <param name="Monotonic">Time since any fixed start; never goes back, and counts the time that the machine slept where that is known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Moment(Instant Wall, Duration Monotonic)
{
    /// <summary>Both clocks moved on by the same time.</summary>
    public static Moment operator +(Moment moment, Duration duration) => new(moment.Wall + duration, moment.Monotonic + duration);

    /// <summary>As the operator.</summary>
    public Moment Plus(Duration duration) => this + duration;
}
