using GridServices.Contracts;
using Refit;

namespace GridServices.Client;

/// <summary>The hub's JSON operations for one site. Answers are raw: how much of them is read, and how strictly, is decided by <see cref="HubClient"/>.</summary>
internal interface IHubSiteApi
{
    [Get("/v1/sites/{siteId}/envelopes")]
    Task<HttpResponseMessage> GetEnvelopesAsync(string siteId, string? since, string? wait, CancellationToken ct);

    [Get("/v1/sites/{siteId}/effective")]
    Task<HttpResponseMessage> GetEffectiveAsync(string siteId, string? from, string? until, [Header("If-None-Match")] string? etag, CancellationToken ct);

    [Post("/v1/sites/{siteId}/receipts")]
    Task<HttpResponseMessage> PostReceiptsAsync(string siteId, [Body] IReadOnlyList<Receipt> receipts, CancellationToken ct);

    [Post("/v1/sites/{siteId}/telemetry")]
    Task<HttpResponseMessage> PostReadingsAsync(string siteId, [Body] IReadOnlyList<Reading> readings, CancellationToken ct);
}
