using System.Security.Cryptography;

namespace GridServices.Hosting;

/// <summary>
/// Moments that all loops of a process share which look at something at an interval: it wakes once for all of them.
/// <code>
///   each for itself   ─a──b──c──────a──b──c──   six wakes
///   together          ────────abc───────abc──   two
/// </code>
/// Processes of one machine do not meet: each has a phase of its own.
/// </summary>
public static class SharedTick
{
    private static readonly TimeSpan ProcessPhase = TimeSpan.FromTicks(RandomNumberGenerator.GetInt32(1, (int)TimeSpan.TicksPerMinute));

    /// <summary>How far this process's moments lie before the whole intervals of the machine's clock: up to a minute, drawn once. Of a clock that only this process has: zero.</summary>
    /// <param name="time">The loop's.</param>
    public static TimeSpan GetPhase(TimeProvider time) => ReferenceEquals(time, TimeProvider.System) ? ProcessPhase : TimeSpan.Zero;

    /// <summary>How long it is to the next moment: the interval, less for the first look, or up to an eighth more where the next one is nearer than that.</summary>
    /// <param name="time">The loop's.</param>
    /// <param name="interval">Longer than zero; loops whose intervals are multiples of each other meet.</param>
    public static TimeSpan After(TimeProvider time, TimeSpan interval) => After(time, interval, GetPhase(time));

    internal static TimeSpan After(TimeProvider time, TimeSpan interval, TimeSpan phase)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        var left = interval.Ticks - ((time.GetElapsedTime(0) + phase).Ticks % interval.Ticks);

        // A timer may fire just before its moment: that look was this moment's.
        return TimeSpan.FromTicks(left < interval.Ticks / 8 ? left + interval.Ticks : left);
    }

    /// <summary>Waits for the next moment.</summary>
    /// <param name="time">The loop's.</param>
    /// <param name="interval">As in <see cref="After(TimeProvider, TimeSpan)"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static Task DelayAsync(TimeProvider time, TimeSpan interval, CancellationToken ct) => Task.Delay(After(time, interval), time, ct);
}
