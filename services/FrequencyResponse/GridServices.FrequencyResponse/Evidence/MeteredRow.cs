using GridServices.FrequencyResponse.Performance;
using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Why a row of a metered file lacks something. Nothing is ever filled in.</summary>
[Flags]
public enum RowMarks
{
    None = 0,

    /// <summary>The log has no turn of the controller for this instant: it did not run.</summary>
    NotRunning = 1,

    /// <summary>No sample of the frequency is recent enough.</summary>
    NoFrequency = 2,

    /// <summary>No reading of the power is recent enough.</summary>
    NoReading = 4,

    /// <summary>The controller ran, and its turns could not be recorded.</summary>
    Lost = 8,

    /// <summary>The log was changed here: what follows in its segment is not read.</summary>
    Broken = 16,
}

/// <summary>What a metered file says of one instant. Powers in W, + = injection.</summary>
public sealed record MeteredRow
{
    /// <summary>A whole multiple of the step, UTC.</summary>
    public required Instant At { get; init; }

    /// <summary>Hz; null = none is recent enough.</summary>
    public double? FrequencyHz { get; init; }

    /// <summary>Metered power of the contract's pool; null = no reading is recent enough.</summary>
    public double? MeteredW { get; init; }

    /// <summary>Where the metered power comes from.</summary>
    public MeterSource Source { get; init; }

    /// <summary>Power of the pool without response; null = the controller did not run.</summary>
    public double? BaselineW { get; init; }

    /// <summary>What the pool was told: no measurement.</summary>
    public double? CommandedW { get; init; }

    /// <summary>What of it this contract's response is.</summary>
    public double? ResponseW { get; init; }

    /// <summary>Inside a contracted window.</summary>
    public bool Procured { get; init; }

    /// <summary>Procured, and the service was up.</summary>
    public bool Available { get; init; }

    public required RowMarks Marks { get; init; }
}
