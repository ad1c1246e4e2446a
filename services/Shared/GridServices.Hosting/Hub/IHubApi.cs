using GridServices.Contracts;
using Refit;

namespace GridServices.Hosting.Hub;

/// <summary>What publishers use of the hub's JSON operations. Each throws only where it is cancelled; the answer says what else came of it.</summary>
public interface IHubApi
{
    /// <summary>Who publishes, and what it has restated; the hub tells its epoch.</summary>
    [Post("/v1/publishers")]
    Task<ApiResponse<PublisherAnswer>> HelloAsync([Body] PublisherHello hello, CancellationToken ct);

    /// <summary>How well each stream's source is heard.</summary>
    [Post("/v1/upstream-health")]
    Task<IApiResponse> ReportUpstreamAsync([Body] UpstreamReport report, CancellationToken ct);

    /// <summary>What is live for a site, or what changed since a cursor.</summary>
    /// <param name="siteId">The site.</param>
    /// <param name="authorization">Null: the publisher's own; else e.g. <c>Bearer …</c>.</param>
    /// <param name="since">Cursor; null: everything that is live.</param>
    /// <param name="wait">Seconds that the hub may wait for a change.</param>
    /// <param name="ct">Gives up.</param>
    [Get("/v1/sites/{siteId}/envelopes")]
    Task<ApiResponse<SiteEnvelopes>> GetEnvelopesAsync(string siteId, [Header("Authorization")] string? authorization, string? since, int? wait, CancellationToken ct);

    /// <summary>Readings of a site as they were posted, oldest first, in [from, until).</summary>
    /// <param name="siteId">The site.</param>
    /// <param name="from">RFC 3339, UTC.</param>
    /// <param name="until">RFC 3339, UTC; exclusive.</param>
    /// <param name="after">The <c>next</c> of the page before; null: the first page.</param>
    /// <param name="ct">Gives up.</param>
    [Get("/v1/sites/{siteId}/telemetry")]
    Task<ApiResponse<SiteReadings>> GetTelemetryAsync(string siteId, string from, string until, string? after, CancellationToken ct);
}
