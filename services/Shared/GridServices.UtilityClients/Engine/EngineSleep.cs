using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// How long an engine sleeps until something is due. A little late, at moments that engines share: a process that wakes for each of hundreds of them alone
/// spends more on waking than on what they do.
/// <code>
///   due      a  b     c        d e
///            ────────────┼────────────┼──  a moment each 100 ms (after long sleeps)
///   awake                abc          de
/// </code>
/// </summary>
internal static class EngineSleep
{
    /// <summary>The clock may be set while the timer runs.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    internal static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Late by an eightieth of the sleep at most: a poll each second by 5 ms, one each 10 s by 100 ms.</summary>
    private const long Share = 80;

    // Each lies on the moments of those after it as well.
    private static readonly long[] StepsMs = [100, 50, 25, 5, 1];

    /// <param name="at">When it is due.</param>
    /// <param name="now">The present.</param>
    /// <param name="phase">The process's own, so that fleets on several hosts, whose clocks agree, do not wake together.</param>
    internal static TimeSpan Until(Instant at, Instant now, TimeSpan phase)
    {
        if (at - now >= Duration.FromTimeSpan(Longest))
        {
            return Longest;
        }

        var sleep = (at - now).ToTimeSpan();
        var step = Array.Find(StepsMs, ms => ms * Share <= sleep.TotalMilliseconds) * TimeSpan.TicksPerMillisecond;
        var beyond = step == 0 ? 0 : (at.ToUnixTimeTicks() + phase.Ticks) % step;
        var late = beyond == 0 ? sleep : sleep + TimeSpan.FromTicks(step - beyond);

        // Timers count whole milliseconds: cut down, they would wake it before its time, and it would sleep again.
        var whole = TimeSpan.FromMilliseconds(Math.Ceiling(late.TotalMilliseconds));
        return whole > Shortest ? whole : Shortest;
    }
}
