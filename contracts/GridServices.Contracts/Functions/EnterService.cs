using System.Text.Json.Serialization;

namespace GridServices.Contracts.Functions;

/// <summary>Conditions and pace of coming back to the grid; null = the equipment's own.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EnterService
{
    /// <summary>Seconds for which voltage and frequency must lie within the bounds.</summary>
    public decimal? DelayS { get; init; }

    /// <summary>Greatest random addition to the delay, seconds.</summary>
    public decimal? RandomDelayS { get; init; }

    /// <summary>Seconds from none to all power.</summary>
    public decimal? RampS { get; init; }

    public decimal? LowVoltagePercent { get; init; }
    public decimal? HighVoltagePercent { get; init; }
    public decimal? LowHz { get; init; }
    public decimal? HighHz { get; init; }
}
