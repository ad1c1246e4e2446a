using NodaTime;

namespace GridServices.FrequencyResponse;

/// <summary>Arithmetic with nanoseconds of the monotonic and the wall clock that no input can make overflow.</summary>
internal static class Nanos
{
    internal const long PerSecond = 1_000_000_000;
    internal const long PerMillisecond = 1_000_000;

    /// <summary>Far enough for any due time, near enough that sums of a few never overflow.</summary>
    internal const long Never = long.MaxValue / 8;

    /// <summary>Stamps beyond this (the year 2116) are no stamps.</summary>
    internal const long LastStamp = long.MaxValue / 2;

    internal static long Since(long now, long then) =>
        then >= now ? 0 : (long)Math.Min(unchecked((ulong)now - (ulong)then), Never);

    internal static double Seconds(long nanos) => nanos * 1e-9;

    internal static long FromSeconds(double seconds) => seconds >= Never * 1e-9 ? Never : seconds <= 0 ? 0 : (long)(seconds * 1e9);

    /// <summary>Nanoseconds since 1970 UTC, held inside 1970..2116.</summary>
    internal static long Unix(Instant wall) => Math.Clamp(wall.ToUnixTimeTicks(), 0, LastStamp / 100) * 100;

    internal static long Clip(long monotonic) => Math.Clamp(monotonic, -Never, Never);
}
