using NodaTime;
using Refit;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>What we use of the Tariffs service. Each throws only where it is cancelled; the answer says what else came of it.</summary>
internal interface ITariffsApi
{
    [Get("/v1/meters/{meterId}")]
    Task<ApiResponse<MeterSeen>> GetMeterAsync(string meterId, CancellationToken ct);

    /// <summary>Records of [from, until) as CSV.</summary>
    /// <param name="meterId">The meter.</param>
    /// <param name="from">RFC 3339, UTC.</param>
    /// <param name="until">RFC 3339, UTC; exclusive.</param>
    /// <param name="channel">net or export.</param>
    /// <param name="ct">Gives up.</param>
    [Get("/v1/meters/{meterId}/intervals")]
    Task<ApiResponse<string>> GetIntervalsAsync(string meterId, string from, string until, string channel, CancellationToken ct);
}

/// <summary>A meter in the Tariffs service's words.</summary>
internal sealed record MeterSeen
{
    public required string MeterId { get; init; }
    public required MeterPlanSeen Plan { get; init; }
}

internal sealed record MeterPlanSeen
{
    public required string SiteId { get; init; }
    public required Duration Interval { get; init; }
}
