using NodaTime;

namespace GridServices.Contracts;

/// <summary>A CloudEvents 1.0 event in structured JSON mode whose data is one of ours.</summary>
/// <typeparam name="T"><see cref="Envelope"/>, <see cref="Withdrawal"/> or <see cref="PriceSeries"/>.</typeparam>
public sealed record CloudEvent<T>
    where T : class
{
    public string Specversion { get; init; } = "1.0";
    public required string Id { get; init; }

    /// <summary><c>/gridservices/{service}/{instance}</c>.</summary>
    public required string Source { get; init; }

    /// <summary>One of <see cref="CloudEventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary><c>tenants/{tenant}/sites/{site}</c>.</summary>
    public required string Subject { get; init; }

    public required Instant Time { get; init; }
    public string Datacontenttype { get; init; } = "application/json";
    public required T Data { get; init; }
}

/// <summary>The event types of contract v1.</summary>
public static class CloudEventTypes
{
    public const string EnvelopePublished = "gridservices.envelope.published.v1";
    public const string EnvelopeWithdrawn = "gridservices.envelope.withdrawn.v1";
    public const string PricesPublished = "gridservices.prices.published.v1";
    public const string MediaType = "application/cloudevents+json";
    public const string BatchMediaType = "application/cloudevents-batch+json";
}
