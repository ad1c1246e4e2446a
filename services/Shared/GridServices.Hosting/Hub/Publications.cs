using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.Hosting.Hub;

/// <summary>Envelopes, withdrawals and prices as the CloudEvents that the outbox sends.</summary>
public static class Publications
{
    public static OutboxItem Item(this PublisherName from, string tenant, Envelope envelope, Instant now) => new(
        envelope.SiteId,
        Json(CloudEvents.Wrap(envelope, from.Source, tenant, envelope.EnvelopeId.ToString(), now)),
        new PublishedStream(Key(tenant, StreamKey.From(envelope)), envelope.Revision, IsWithdrawn: false));

    public static OutboxItem Item(this PublisherName from, string tenant, Withdrawal withdrawal, Instant now) => new(
        withdrawal.SiteId,
        Json(CloudEvents.Wrap(withdrawal, from.Source, tenant, BuildId(withdrawal), now)),
        new PublishedStream(Key(tenant, StreamKey.From(withdrawal)), withdrawal.Revision, IsWithdrawn: true));

    public static OutboxItem Item(this PublisherName from, string tenant, PriceSeries prices, Instant now) => new(
        prices.SiteId,
        Json(CloudEvents.Wrap(prices, from.Source, tenant, prices.SeriesId.ToString(), now)),
        new PublishedStream(Key(tenant, StreamKey.From(prices)), prices.Revision, IsWithdrawn: prices.Segments.Count == 0));

    /// <summary>The same withdrawal sent twice has the same id.</summary>
    private static string BuildId(Withdrawal w) => string.Create(
        CultureInfo.InvariantCulture, $"withdrawn:{w.SiteId}:{EnumNames<TargetKind>.GetName(w.Target.Kind)}:{w.Target.Id}:{w.Stream.Key}:{w.Revision}");

    /// <summary>Identifiers hold no '|', so equal keys have equal texts and different ones different texts.</summary>
    private static string Key(string tenant, StreamKey key) => key.Target is { } target
        ? string.Join('|', tenant, key.SiteId, EnumNames<TargetKind>.GetName(target.Kind), target.Id, key.Stream.Service, key.Stream.Key)
        : string.Join('|', tenant, key.SiteId, "prices", key.Stream.Service, key.Stream.Key);

    private static byte[] Json<T>(CloudEvent<T> cloudEvent)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(cloudEvent, ContractJson.Options);
}
