using NodaTime;

namespace GridServices.Wire.Engine;

/// <summary>Truncated binary exponential back-off: 1 s, 2 s, 4 s …</summary>
public static class Backoff
{
    private const int MostDoublings = 30;
    private const double HalfWay = 0.5;
    private static readonly Duration First = Duration.FromSeconds(1);

    /// <summary>The pause after that many failures in a row, without jitter.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="longest">Upper end.</param>
    public static Duration After(int failures, Duration longest) => After(failures, longest, HalfWay);

    /// <summary>The pause after that many failures in a row, ±10 % by <paramref name="fraction"/>, so that many engines don't return at once.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="longest">Upper end, before the jitter.</param>
    /// <param name="fraction">Drawn from [0, 1); 0.5 leaves the pause as it is.</param>
    public static Duration After(int failures, Duration longest, double fraction) => After(failures, First, longest, fraction);

    /// <summary>The same, beginning with another first pause than a second.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="first">The pause after the first failure.</param>
    /// <param name="longest">Upper end, before the jitter.</param>
    /// <param name="fraction">Drawn from [0, 1); 0.5 leaves the pause as it is.</param>
    public static Duration After(int failures, Duration first, Duration longest, double fraction) =>
        Jitter(failures > MostDoublings ? longest : Duration.Min(first * (1L << (failures - 1)), longest), fraction);

    /// <summary>A pause ±10 % by <paramref name="fraction"/> from [0, 1).</summary>
    public static Duration Jitter(Duration pause, double fraction) => pause * (0.9 + (0.2 * fraction));
}
