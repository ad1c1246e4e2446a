using GridServices.Hosting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>Turns the engine's publications into what the outbox sends.</summary>
internal static class ClientPublications
{
    public static IReadOnlyList<OutboxItem> Items(this PublisherName publisher, ClientId client, IEnumerable<DerPublication> publications, Instant now) =>
        [.. publications.Select(p => p switch
        {
            DerPublication.PublishEnvelope { Envelope: var e } => publisher.Item(client.Tenant, e, now),
            DerPublication.WithdrawEnvelope { Withdrawal: var w } => publisher.Item(client.Tenant, w, now),
            _ => throw new InvalidOperationException($"unknown publication {p.GetType().Name}"),
        })];
}
