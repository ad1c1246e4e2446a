using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>Turns the engine's publications into what the outbox sends.</summary>
internal static class VenPublications
{
    public static IReadOnlyList<OutboxItem> Items(this PublisherName publisher, VenId ven, IEnumerable<VenPublication> publications, Instant now) =>
        [.. publications.Select(p => p switch
        {
            VenPublication.PublishEnvelope { Envelope: var e } => publisher.Item(ven.Tenant, e, now),
            VenPublication.WithdrawEnvelope { Withdrawal: var w } => publisher.Item(ven.Tenant, w, now),
            VenPublication.PublishPrices { Prices: var prices } => publisher.Item(ven.Tenant, prices, now),
            _ => throw new InvalidOperationException($"unknown publication {p.GetType().Name}"),
        })];
}
