using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>A stretch of time in which a contract responded noticeably.</summary>
public sealed record Activation
{
    /// <summary>Names it in envelopes and receipts.</summary>
    public required string Id { get; init; }

    public required Instant StartedAt { get; init; }

    /// <summary>Exclusive; absent while it lasts.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Frequency that started it, Hz; absent where a signal did.</summary>
    public double? StartHz { get; init; }

    public double? LowestHz { get; init; }
    public double? HighestHz { get; init; }

    /// <summary>Greatest response, share of the quantity, signed, + = raise the frequency.</summary>
    public required double PeakPu { get; init; }

    /// <summary>Commanded energy that raised the frequency, Wh ≥ 0.</summary>
    public required double RaisedWh { get; init; }

    /// <summary>Commanded energy that lowered it, Wh ≥ 0.</summary>
    public required double LoweredWh { get; init; }

    /// <summary>Why it ended, or what cut it: names of the controller's reasons.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>From the arrival of the sample that started it to the last set-point sent, µs; absent where none was sent directly.</summary>
    public double? FirstSetpointMicroseconds { get; init; }
}
