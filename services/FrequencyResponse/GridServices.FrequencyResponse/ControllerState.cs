using System.Runtime.CompilerServices;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse;

/// <summary>Everything that the controller remembers from step to step. <c>default</c> = just started, nothing received.</summary>
/// <remarks>A plain value without references: copied, compared and written to a log byte by byte.</remarks>
public struct ControllerState
{
    internal long Steps;
    internal SiteConditions Conditions;
    internal FaultCounts Counts;

    /// <summary>The same state under other conditions.</summary>
    public readonly ControllerState With(in SiteConditions conditions)
    {
        var next = this;
        next.Conditions = conditions;
        return next;
    }

    public readonly SiteConditions Site => Conditions;

    /// <summary>How often a fault was found in a sample since the start.</summary>
    public readonly long CountOf(SampleFault single) => Counts[SampleFaults.Index(single)];
}

[InlineArray(16)]
internal struct FaultCounts
{
    private long _first;
}
