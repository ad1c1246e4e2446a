using System.Text.Json.Serialization;

namespace GridServices.Contracts.Functions;

/// <summary>One corner of a function's curve.</summary>
/// <param name="X">% of nominal voltage (voltVar, voltWatt), Hz (frequencyWatt), % of rated power (wattVar, wattPowerFactor), seconds (ride-through).</param>
/// <param name="Y">
/// % of <see cref="FunctionSetting.PercentOf"/>: reactive power + = supplied, active power + = generation; power factor 0 to 1 (wattPowerFactor);
/// % of nominal voltage or Hz (ride-through).
/// </param>
/// <param name="OverExcited">Of wattPowerFactor: true = reactive power is supplied.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CurveKnot(decimal X, decimal Y, bool? OverExcited = null);
