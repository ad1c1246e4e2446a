using System.Text.Json.Serialization;

namespace GridServices.Contracts.Functions;

/// <summary>Droop: no response within the dead band, beyond it in proportion.</summary>
/// <param name="DeadbandOverHz">Above nominal.</param>
/// <param name="DeadbandUnderHz">Below nominal.</param>
/// <param name="SlopeOver">Per-unit change of frequency for a per-unit change of power, above nominal, e.g. 0.05.</param>
/// <param name="SlopeUnder">The same below nominal.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FrequencyDroop(decimal DeadbandOverHz, decimal DeadbandUnderHz, decimal SlopeOver, decimal SlopeUnder);
