using System.Diagnostics;

namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>
/// Nanoseconds that only go forward: every duration of the hot path counts on it, never on the wall clock.
/// It goes on over a restart: what was stored at 5 s before the end is 5 s + the outage old afterwards.
/// </summary>
internal sealed class MonotonicClock
{
    private static readonly bool IsNanos = Stopwatch.Frequency == 1_000_000_000;
    private long _ahead;

    public long Nanos => Raw + Volatile.Read(ref _ahead);

    private static long Raw => IsNanos
        ? Stopwatch.GetTimestamp()
        : (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency);

    /// <summary>Called once, before anything is timed: the reading is to be at least this one.</summary>
    public void ContinueFrom(long nanos) => Volatile.Write(ref _ahead, Math.Max(0, nanos - Raw));
}
