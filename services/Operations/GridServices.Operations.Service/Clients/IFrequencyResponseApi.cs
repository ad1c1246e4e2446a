using System.Text.Json;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the FrequencyResponse service.</summary>
internal interface IFrequencyResponseApi
{
    [Get("/v1/contracts/{contractId}")]
    Task<ApiResponse<JsonElement>> GetContractAsync([Authorize("Bearer")] string token, string contractId, CancellationToken ct);

    [Put("/v1/contracts/{contractId}")]
    Task<ApiResponse<JsonElement>> PutContractAsync([Authorize("Bearer")] string token, string contractId, [Header("If-Match")] string? ifMatch, [Body] JsonElement contract, CancellationToken ct);

    [Delete("/v1/contracts/{contractId}")]
    Task<ApiResponse<JsonElement>> DeleteContractAsync([Authorize("Bearer")] string token, string contractId, [Header("If-Match")] string? ifMatch, CancellationToken ct);

    [Get("/v1/contracts/{contractId}/state")]
    Task<ApiResponse<JsonElement>> GetStateAsync([Authorize("Bearer")] string token, string contractId, CancellationToken ct);

    [Get("/v1/contracts")]
    Task<ApiResponse<JsonElement>> ListContractsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/contracts/{contractId}/metered")]
    Task<ApiResponse<JsonElement>> GetMeteredAsync([Authorize("Bearer")] string token, string contractId, string from, string until, string step, CancellationToken ct);

    [Get("/v1/contracts/{contractId}/performance")]
    Task<ApiResponse<JsonElement>> GetPerformanceAsync([Authorize("Bearer")] string token, string contractId, string from, string until, CancellationToken ct);

    [Get("/v1/contracts/{contractId}/activations")]
    Task<ApiResponse<JsonElement>> GetActivationsAsync([Authorize("Bearer")] string token, string contractId, string from, string until, CancellationToken ct);

    [Get("/v1/contracts/{contractId}/plan")]
    Task<ApiResponse<JsonElement>> GetPlanAsync([Authorize("Bearer")] string token, string contractId, CancellationToken ct);

    [Get("/v1/catalog")]
    Task<ApiResponse<JsonElement>> GetCatalogAsync([Authorize("Bearer")] string token, CancellationToken ct);
}
