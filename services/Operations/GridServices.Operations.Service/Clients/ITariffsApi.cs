using System.Text.Json;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the Tariffs service.</summary>
internal interface ITariffsApi
{
    [Get("/v1/outbox")]
    Task<ApiResponse<JsonElement>> GetOutboxAsync([Authorize("Bearer")] string token, CancellationToken ct);

    [Get("/v1/tariffs")]
    Task<ApiResponse<JsonElement>> ListTariffsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/tariffs/{tariffId}")]
    Task<ApiResponse<JsonElement>> GetTariffAsync([Authorize("Bearer")] string token, string tariffId, CancellationToken ct);

    [Get("/v1/meters/{meterId}")]
    Task<ApiResponse<JsonElement>> GetMeterAsync([Authorize("Bearer")] string token, string meterId, CancellationToken ct);

    [Put("/v1/meters/{meterId}")]
    Task<ApiResponse<JsonElement>> PutMeterAsync([Authorize("Bearer")] string token, string meterId, [Header("If-Match")] string? ifMatch, [Body] JsonElement plan, CancellationToken ct);

    [Delete("/v1/meters/{meterId}")]
    Task<ApiResponse<JsonElement>> DeleteMeterAsync([Authorize("Bearer")] string token, string meterId, [Header("If-Match")] string? ifMatch, CancellationToken ct);

    [Get("/v1/meters/{meterId}/intervals")]
    Task<ApiResponse<string>> GetIntervalsAsync([Authorize("Bearer")] string token, string meterId, string from, string until, CancellationToken ct);

    [Post("/v1/baselines")]
    Task<ApiResponse<JsonElement>> ComputeBaselineAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Post("/v1/settlements/demand-response")]
    Task<ApiResponse<JsonElement>> SettleAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Post("/v1/settlements/frequency")]
    Task<ApiResponse<JsonElement>> SettleFrequencyAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Post("/v1/bills")]
    Task<ApiResponse<JsonElement>> ComputeBillAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Post("/v1/allocations")]
    Task<ApiResponse<JsonElement>> AllocateAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    /// <summary>The latest first.</summary>
    [Get("/v1/billing-runs")]
    Task<ApiResponse<JsonElement>> ListRunsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Post("/v1/billing-runs")]
    Task<ApiResponse<JsonElement>> StartRunAsync([Authorize("Bearer")] string token, [Header("Idempotency-Key")] string key, [Body] JsonElement request, CancellationToken ct);

    [Get("/v1/billing-runs/{runId}/bills")]
    Task<ApiResponse<JsonElement>> ListRunBillsAsync([Authorize("Bearer")] string token, string runId, string? after, int limit, CancellationToken ct);

    [Get("/v1/billing-runs/{runId}/bills/{meterId}")]
    Task<ApiResponse<JsonElement>> GetRunBillAsync([Authorize("Bearer")] string token, string runId, string meterId, CancellationToken ct);

    [Post("/v1/comparisons")]
    Task<ApiResponse<JsonElement>> CompareAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);
}
