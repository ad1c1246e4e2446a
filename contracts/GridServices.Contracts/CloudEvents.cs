using NodaTime;

namespace GridServices.Contracts;

/// <summary>Makes the events that publishers send to the hub.</summary>
public static class CloudEvents
{
    public static CloudEvent<Envelope> Wrap(Envelope envelope, string source, string tenant, string id, Instant time) =>
        Wrap(envelope, CloudEventTypes.EnvelopePublished, envelope.SiteId, source, tenant, id, time);

    public static CloudEvent<Withdrawal> Wrap(Withdrawal withdrawal, string source, string tenant, string id, Instant time) =>
        Wrap(withdrawal, CloudEventTypes.EnvelopeWithdrawn, withdrawal.SiteId, source, tenant, id, time);

    public static CloudEvent<PriceSeries> Wrap(PriceSeries prices, string source, string tenant, string id, Instant time) =>
        Wrap(prices, CloudEventTypes.PricesPublished, prices.SiteId, source, tenant, id, time);

    /// <summary><c>tenants/{tenant}/sites/{site}</c>.</summary>
    public static string Subject(string tenant, string siteId) => $"tenants/{tenant}/sites/{siteId}";

    private static CloudEvent<T> Wrap<T>(T data, string type, string siteId, string source, string tenant, string id, Instant time)
        where T : class =>
        new() { Id = id, Source = source, Type = type, Subject = Subject(tenant, siteId), Time = time, Data = data };
}
