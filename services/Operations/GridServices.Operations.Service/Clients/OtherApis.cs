using System.Text.Json;
using GridServices.Contracts;
using NodaTime;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the Tariffs service.</summary>
internal interface ITariffsApi
{
    [Get("/v1/outbox")]
    Task<ApiResponse<JsonElement>> GetOutboxAsync([Authorize("Bearer")] string token, CancellationToken ct);

    [Get("/v1/tariffs")]
    Task<ApiResponse<JsonElement>> ListTariffsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

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

    [Post("/v1/bills")]
    Task<ApiResponse<JsonElement>> ComputeBillAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Post("/v1/allocations")]
    Task<ApiResponse<JsonElement>> AllocateAsync([Authorize("Bearer")] string token, [Body] JsonElement request, CancellationToken ct);

    [Get("/v1/billing-runs")]
    Task<ApiResponse<JsonElement>> ListRunsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);
}

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
}

/// <summary>What we use of the hub.</summary>
internal interface IEnvelopeHubApi
{
    [Get("/v1/sites")]
    Task<ApiResponse<JsonElement>> ListSitesAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/sites/{siteId}/effective")]
    Task<ApiResponse<JsonElement>> GetEffectiveAsync([Authorize("Bearer")] string token, string siteId, string? from, string? until, CancellationToken ct);

    [Get("/v1/sites/{siteId}/receipts")]
    Task<ApiResponse<HubReceiptPage>> ListReceiptsAsync([Authorize("Bearer")] string token, string siteId, string from, string until, string? after, CancellationToken ct);

    [Get("/v1/sites/{siteId}/telemetry")]
    Task<ApiResponse<HubReadingPage>> ListReadingsAsync([Authorize("Bearer")] string token, string siteId, string from, string until, string? after, CancellationToken ct);
}

internal sealed record HubReceiptPage(IReadOnlyList<HubReceipt> Items, string? Next, Instant? KeptSince);

internal sealed record HubReceipt
{
    public required Instant ReceivedAt { get; init; }
    public required StreamId Stream { get; init; }
    public required Receipt Receipt { get; init; }
}

internal sealed record HubReadingPage(IReadOnlyList<HubReading> Items, string? Next, Instant? KeptSince);

internal sealed record HubReading
{
    public required Instant ReceivedAt { get; init; }
    public required Reading Reading { get; init; }
}
