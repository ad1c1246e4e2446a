using NodaTime;

namespace GridServices.Contracts;

/// <summary>Truncated binary exponential back-off with jitter, so that many who failed together do not come back together. Pure: the caller draws.</summary>
/// <param name="First">The pause after the first failure.</param>
/// <param name="Longest">The pause never grows beyond this, before jitter.</param>
/// <param name="Spread">How far jitter moves a pause to either side, as a share of it: 0..1.</param>
public sealed record Backoff(Duration First, Duration Longest, double Spread)
{
    private const int MostDoublings = 30;

    /// <summary>1 s, 2 s, 4 s … up to <paramref name="longest"/>, ±10 %.</summary>
    public static Backoff UpTo(Duration longest) => new(Duration.FromSeconds(1), longest, 0.1);

    /// <summary>The pause after so many failures in a row.</summary>
    /// <param name="failures">From 1; less counts as 1.</param>
    /// <param name="draw">Uniform in [0, 1); 0.5 leaves the pause as it is.</param>
    public Duration After(int failures, double draw = 0.5)
    {
        var doublings = Math.Min(Math.Max(failures, 1) - 1, MostDoublings);
        return Jitter(doublings == MostDoublings ? Longest : Duration.Min(First * (1L << doublings), Longest), Spread, draw);
    }

    /// <summary>A pause moved by up to <paramref name="spread"/> of it to either side.</summary>
    public static Duration Jitter(Duration pause, double spread, double draw) => pause * (1 - spread + (2 * spread * draw));
}
