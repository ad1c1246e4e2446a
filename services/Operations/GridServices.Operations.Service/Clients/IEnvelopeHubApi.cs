using System.Text.Json;
using GridServices.Contracts;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the hub.</summary>
internal interface IEnvelopeHubApi
{
    [Get("/v1/sites")]
    Task<ApiResponse<JsonElement>> ListSitesAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/sites/{siteId}/effective")]
    Task<ApiResponse<JsonElement>> GetEffectiveAsync([Authorize("Bearer")] string token, string siteId, string? from, string? until, CancellationToken ct);

    [Get("/v1/sites/{siteId}/envelopes")]
    Task<ApiResponse<JsonElement>> ListEnvelopesAsync([Authorize("Bearer")] string token, string siteId, CancellationToken ct);

    [Get("/v1/sites/{siteId}/receipts")]
    Task<ApiResponse<SiteReceipts>> ListReceiptsAsync([Authorize("Bearer")] string token, string siteId, string from, string until, string? after, CancellationToken ct);

    [Get("/v1/sites/{siteId}/telemetry")]
    Task<ApiResponse<SiteReadings>> ListReadingsAsync([Authorize("Bearer")] string token, string siteId, string from, string until, string? after, CancellationToken ct);
}
