using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What a segment of the log says of itself.</summary>
/// <param name="Pool">Whose turns it holds; at most 128 bytes of UTF-8.</param>
/// <param name="Segment">Number, from 0, +1 per segment.</param>
/// <param name="StartedUnixNanos">Wall clock at its begin.</param>
/// <param name="StartedNanos">Monotonic clock at its begin.</param>
/// <param name="Services">How many of the decision's services are recorded.</param>
/// <param name="PreviousHash">Last hash of the segment before; 64 zeros in the first. Lower-case hex.</param>
/// <param name="Build">Module version of the controller that decided.</param>
public sealed record SegmentHead(
    string Pool, ulong Segment, long StartedUnixNanos, long StartedNanos, int Services, string PreviousHash, Guid Build)
{
    /// <summary>The hash that the first segment's chain begins with.</summary>
    public static string NoHash { get; } = new('0', 64);

    /// <summary>Module version of the controller of this program.</summary>
    public static Guid ThisBuild { get; } = typeof(FrequencyController).Module.ModuleVersionId;

    public override string ToString() => $"segment {Segment} of {SafeText.Quote(Pool)}";
}
