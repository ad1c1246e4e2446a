using NodaTime;

namespace GridServices.Client;

/// <summary>Waits between attempts: doubling from the first to the longest, ± 20 % of jitter.</summary>
/// <param name="First">Wait after the first failure.</param>
/// <param name="Longest">The wait never grows beyond this (before jitter).</param>
public sealed record Backoff(Duration First, Duration Longest)
{
    private const double Jitter = 0.2;

    /// <summary>The wait after so many failures in a row.</summary>
    /// <param name="failures">≥ 1.</param>
    /// <param name="draw">Uniform in [0, 1).</param>
    public Duration After(int failures, double draw)
    {
        var doublings = Math.Min(Math.Max(failures, 1) - 1, 30);
        var wait = Math.Min(First.TotalSeconds * Math.Pow(2, doublings), Longest.TotalSeconds);
        return Duration.FromSeconds(wait * (1 - Jitter + (2 * Jitter * draw)));
    }
}
