using System.Text.Json.Serialization;

namespace GridServices.Contracts.Functions;

/// <summary>How fast a target may go from what held before to what a segment states. Never a reason to exceed a limit for longer than this.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Ramp
{
    /// <summary>Seconds for the change into this segment (IEEE 2030.5 rampTms).</summary>
    public decimal? Seconds { get; init; }

    /// <summary>Fastest change of output, % of rated power a second (setGradW); null: not stated.</summary>
    public decimal? PercentPerS { get; init; }

    /// <summary>The same after coming back to the grid (setSoftGradW).</summary>
    public decimal? SoftPercentPerS { get; init; }
}
