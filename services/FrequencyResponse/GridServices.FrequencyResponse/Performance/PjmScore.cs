namespace GridServices.FrequencyResponse.Performance;

/// <summary>PJM's hourly performance score of regulation.</summary>
/// <param name="Accuracy">Mean of the best correlation of each window, 0..1.</param>
/// <param name="Delay">Mean of the delay scores, 0..1.</param>
/// <param name="Precision">Mean over the windows of 1 − mean error ÷ mean signal of the hour, none below 0, 0..1.</param>
/// <param name="Score">Mean of the three, or precision alone.</param>
public sealed record PjmScore(double Accuracy, double Delay, double Precision, double Score);

/// <summary>Versions of the score.</summary>
public enum PjmScoreVersion
{
    /// <summary>Until 30 September 2025: mean of accuracy, delay and precision.</summary>
    ThreeParts,

    /// <summary>Since 1 October 2025, as recalled: precision alone. Check against Manual 12 before settling by it.</summary>
    PrecisionOnly,
}

/// <summary>Scores a response against the regulation signal (PJM Manual 12 4.5.6, as quoted in open code).</summary>
/// <remarks>
/// Samples of 10 s. The hour has twelve windows of five minutes, 31 points each. For each window the lag of 0 to 5 minutes is taken
/// that makes correlation + delay score largest, the first of equals; hence the response must reach five minutes past the hour.
/// </remarks>
public static class PjmScorer
{
    /// <summary>Points of signal and response that an hour's score needs.</summary>
    public const int Points = (Windows * Step) + Lags;

    private const int Windows = 12;
    private const int Step = 30;
    private const int Length = 31;
    private const int Lags = 31;
    private const double LongestDelay = 300;
    private const double SampleSeconds = 10;

    /// <param name="signal">Regulation signal, pu, from the start of the hour; at least <see cref="Points"/>.</param>
    /// <param name="response">Response on the same grid.</param>
    /// <param name="version">Which rule holds at the time of delivery.</param>
    public static PjmScore Hour(ReadOnlySpan<double> signal, ReadOnlySpan<double> response, PjmScoreVersion version = PjmScoreVersion.ThreeParts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(signal.Length, Points, nameof(signal));
        ArgumentOutOfRangeException.ThrowIfLessThan(response.Length, Points, nameof(response));
        var (accuracy, delay) = (0.0, 0.0);
        for (var window = 0; window < Windows; window++)
        {
            var (correlation, score) = Best(signal.Slice(window * Step, Length), response.Slice(window * Step, Length + Lags - 1));
            accuracy += Math.Clamp(correlation, 0, 1) / Windows;
            delay += score / Windows;
        }

        var precision = Precision(signal[..(Windows * Step)], response[..(Windows * Step)]);
        return new PjmScore(accuracy, delay, precision, version == PjmScoreVersion.PrecisionOnly ? precision : (accuracy + delay + precision) / 3);
    }

    /// <summary>The lag that makes both largest, of those that the response reaches.</summary>
    /// <param name="signal">Of a window; NaN: not known.</param>
    /// <param name="response">From the window's begin on, as long or longer; NaN: not measured.</param>
    internal static (double Correlation, double Delay) Best(ReadOnlySpan<double> signal, ReadOnlySpan<double> response)
    {
        var best = (Correlation: 0.0, Delay: 0.0);
        var most = double.NegativeInfinity;
        for (var lag = 0; lag <= response.Length - signal.Length; lag++)
        {
            var correlation = Correlation(signal, response.Slice(lag, signal.Length));
            var delay = Math.Abs(((SampleSeconds * lag) - LongestDelay) / LongestDelay);
            if (correlation + delay > most + 1e-12)
            {
                (most, best) = (correlation + delay, (correlation, delay));
            }
        }

        return best;
    }

    /// <summary>Clamped for each five minutes: a window that went wrong takes no more than its own twelfth.</summary>
    private static double Precision(ReadOnlySpan<double> signal, ReadOnlySpan<double> response)
    {
        var size = 0.0;
        foreach (var each in signal)
        {
            size += Math.Abs(each);
        }

        var (precision, mean) = (0.0, size / signal.Length);
        for (var window = 0; window < Windows; window++)
        {
            var error = 0.0;
            for (var i = window * Step; i < (window + 1) * Step; i++)
            {
                error += Math.Abs(response[i] - signal[i]) / Step;
            }

            precision += (mean > 0 ? Math.Max(0, 1 - (error / mean)) : error > 0 ? 0 : 1) / Windows;
        }

        return precision;
    }

    /// <summary>Pearson's, of the points that are known in both; 0 where one of both does not move, or less than half is known.</summary>
    private static double Correlation(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var known = 0;
        for (var i = 0; i < a.Length; i++)
        {
            known += IsKnown(a[i], b[i]) ? 1 : 0;
        }

        return 2 * known >= a.Length ? Correlation(a, b, known) : 0;
    }

    private static double Correlation(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int known)
    {
        var (meanA, meanB) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            (meanA, meanB) = IsKnown(a[i], b[i]) ? (meanA + (a[i] / known), meanB + (b[i] / known)) : (meanA, meanB);
        }

        var (both, squareA, squareB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            if (IsKnown(a[i], b[i]))
            {
                both += (a[i] - meanA) * (b[i] - meanB);
                squareA += (a[i] - meanA) * (a[i] - meanA);
                squareB += (b[i] - meanB) * (b[i] - meanB);
            }
        }

        return squareA > 0 && squareB > 0 ? both / Math.Sqrt(squareA * squareB) : 0;
    }

    private static bool IsKnown(double a, double b) => double.IsFinite(a) && double.IsFinite(b);
}
