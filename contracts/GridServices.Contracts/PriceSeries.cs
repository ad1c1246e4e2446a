using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>Prices over time for a site; not a limit. One live series per (site, stream), replaced whole by a higher revision.</summary>
public sealed record PriceSeries
{
    public required Guid SeriesId { get; init; }
    public required long Revision { get; init; }
    public required string SiteId { get; init; }
    public required StreamId Stream { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What the price is per, e.g. <c>kWh</c>.</summary>
    public required string Unit { get; init; }

    public required IReadOnlyList<PriceSegment> Segments { get; init; }
    public required Provenance Provenance { get; init; }
}

/// <summary>Prices over [<see cref="From"/>, <see cref="Until"/>); may be negative.</summary>
public sealed record PriceSegment : ISegment<PriceSegment>
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    public decimal? ImportPrice { get; init; }
    public decimal? ExportPrice { get; init; }
    public Cause? Cause { get; init; }

    public PriceSegment Over(Instant from, Instant? until) => this with { From = from, Until = until };
}
