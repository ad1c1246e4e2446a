using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>A site's price series as it was committed last; without a draft nothing is said.</summary>
internal sealed record PublishedPriceRow
{
    public string Tenant { get; init; } = string.Empty;
    public string SiteId { get; init; } = string.Empty;
    public string MeterId { get; init; } = string.Empty;
    public long Revision { get; init; }
    public string? Draft { get; init; }
    public string Series { get; init; } = string.Empty;
    public Instant PublishedAt { get; init; }
    public Instant DueAt { get; init; }

    /// <summary>Null: nothing is said, or it is damaged in the store; what can't be read is said again.</summary>
    public PriceDraft? FindSaid()
    {
        try
        {
            return Draft is not null && JsonSerializer.Deserialize<PriceDraft>(Draft, ContractJson.Options) is { Segments.IsDefault: false, Provenance: not null } said ? said : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
