using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>One turn of a pool's controller, as the hot path hands it to the recorder.</summary>
/// <param name="Sample">The sample that made the turn, where <paramref name="HasSample"/>.</param>
/// <param name="HasSample">False: the watchdog made it.</param>
/// <param name="NowNanos">Monotonic.</param>
/// <param name="WallNanos">Nanoseconds since 1970 UTC.</param>
/// <param name="Output">What the controller decided.</param>
/// <param name="GivenW">What the assets were told in sum, W, + = injection; as before where nothing was sent.</param>
/// <param name="Conditions">What was known of the pool in this turn.</param>
/// <param name="IsMarked">The controller's memory before this turn was kept for the recorder: <see cref="Pool.Marked"/>.</param>
/// <param name="SentNanos">When the last set-point had left, monotonic; 0 = nothing was to be sent.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HotRecord(
    FrequencySample Sample, bool HasSample, long NowNanos, long WallNanos, ControllerOutput Output, SiteConditions Conditions, bool IsMarked, long GivenW, long SentNanos);
