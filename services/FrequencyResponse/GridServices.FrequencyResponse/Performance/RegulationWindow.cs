using NodaTime;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>How well a regulation signal was followed in five minutes, as PJM scores it: of metered power, never of commands.</summary>
public sealed record RegulationWindow
{
    /// <summary>Begin: a whole five minutes, UTC.</summary>
    public required Instant From { get; init; }

    /// <summary>
    /// Best correlation of the response with the signal at a delay of up to five minutes, 0..1; absent until as much of the response is known, or where
    /// less than half of it was measured.
    /// </summary>
    public double? Accuracy { get; init; }

    /// <summary>1 = at once, 0 = five minutes late; absent as the accuracy is.</summary>
    public double? Delay { get; init; }

    /// <summary>1 − mean error ÷ mean signal, 0..1; absent where less than half was measured.</summary>
    public double? Precision { get; init; }

    /// <summary>Of the parts by the service's weights, 0..1; absent where a part that counts is.</summary>
    public double? Score { get; init; }

    /// <summary>Of the five minutes, s.</summary>
    public required double MeasuredSeconds { get; init; }
}
