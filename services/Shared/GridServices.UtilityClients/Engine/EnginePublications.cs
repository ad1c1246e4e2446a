using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>An engine's publications as what the outbox sends.</summary>
internal static class EnginePublications
{
    public static IReadOnlyList<OutboxItem> Items(this PublisherName publisher, EngineId engine, IReadOnlyList<EnginePublication> publications, Instant now) =>
        [.. publications.Select(p => p switch
        {
            EnginePublication.PublishEnvelope { Envelope: var e } => publisher.Item(engine.Tenant, e, now),
            EnginePublication.WithdrawEnvelope { Withdrawal: var w } => publisher.Item(engine.Tenant, w, now),
            EnginePublication.PublishPrices { Prices: var prices } => publisher.Item(engine.Tenant, prices, now),
            _ => throw new InvalidOperationException($"unknown publication {p.GetType().Name}"),
        })];
}
