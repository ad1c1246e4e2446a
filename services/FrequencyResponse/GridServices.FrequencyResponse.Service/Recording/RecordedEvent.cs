using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>What the recorder noticed and others act on.</summary>
internal abstract record RecordedEvent(EntryId Pool)
{
    /// <summary>An activation began, or ended, where it has an end.</summary>
    public sealed record Activated(EntryId Pool, string Contract, Activation Activation, PoolTarget Target) : RecordedEvent(Pool);

    /// <summary>The set-point moved by a step worth telling.</summary>
    public sealed record Moved(EntryId Pool, PoolTarget Target) : RecordedEvent(Pool);

    /// <summary>The limited reservoir of a contract stands elsewhere.</summary>
    public sealed record Reservoir(EntryId Pool, string Contract, ReservoirDuty Duty) : RecordedEvent(Pool);

    /// <summary>A minute of a contract is over.</summary>
    public sealed record Minute(EntryId Pool, string Contract, PeriodRecord Slice, ComplianceNow Compliance) : RecordedEvent(Pool);
}

/// <summary>What a pool is asked to do.</summary>
/// <param name="TargetW">W, + = charge or import; null = nothing is asked, devices go by their own default.</param>
/// <param name="ResponsesW">By contract, W, + = raise the frequency.</param>
/// <param name="Activations">By contract: the activation that lasts; null = none.</param>
/// <param name="At">When.</param>
/// <param name="ReceivedAt">When the sample came that decided it; null = none did.</param>
internal sealed record PoolTarget(long? TargetW, IReadOnlyList<double> ResponsesW, IReadOnlyList<string?> Activations, Instant At, Instant? ReceivedAt);
