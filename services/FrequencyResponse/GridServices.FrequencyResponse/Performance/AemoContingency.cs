namespace GridServices.FrequencyResponse.Performance;

/// <summary>A fast (6 s) contingency service measured on the standard frequency ramp.</summary>
/// <param name="Early">Mean response from 1 to 6 s.</param>
/// <param name="Late">Mean response from 6 to 60 s.</param>
/// <param name="Peak">Largest response.</param>
/// <param name="Offer">What may be offered.</param>
public sealed record AemoFastMeasure(double Early, double Late, double Peak, double Offer);

/// <summary>Time averages of the NEM's contingency services (MASS v8 6.3 and Table 8, as quoted in an open script; not checked against the MASS itself).</summary>
/// <remarks>The clock starts with the ramp. A lowering service is measured with its response's sign turned round.</remarks>
public static class AemoContingency
{
    /// <summary>Multiplier of the averages; AEMO's own notes contradict one another on whether it still holds, hence a parameter.</summary>
    public const double Multiplier = 2;

    /// <summary>The fast service: min(2 × mean over 1..6 s, 2 × mean over 6..60 s, peak).</summary>
    /// <param name="response">Response from the start of the ramp, MW, for at least 60 s.</param>
    /// <param name="multiplier">Of the averages.</param>
    public static AemoFastMeasure Fast(ReadOnlySpan<TimedValue> response, double multiplier = Multiplier)
    {
        var (early, late) = (TimedSeries.Mean(response, 1, 6), TimedSeries.Mean(response, 6, 60));
        var peak = 0.0;
        foreach (var point in response)
        {
            peak = Math.Max(peak, point.Value);
        }

        return new AemoFastMeasure(early, late, peak, Math.Min(peak, multiplier * Math.Min(early, late)));
    }

    /// <summary>Frequency of the standard ramp: from nominal at a constant rate to where it stays.</summary>
    public static double StandardRamp(double seconds, double nominalHz = 50, double rateHzPerSecond = 0.125, double untilHz = 49.5) =>
        seconds <= 0 ? nominalHz
        : untilHz < nominalHz ? Math.Max(untilHz, nominalHz - (rateHzPerSecond * seconds))
        : Math.Min(untilHz, nominalHz + (rateHzPerSecond * seconds));
}
