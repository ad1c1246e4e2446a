using GridServices.Contracts;
using Refit;

namespace GridServices.Hosting;

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
}
