using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>Turns the engine's publications into what the outbox sends.</summary>
internal sealed class Publisher(string source)
{
    public string Source => source;

    public IReadOnlyList<OutboxItem> Items(VenId ven, IEnumerable<VenPublication> publications, Instant now) =>
        [.. publications.Select(p => new OutboxItem(p.SiteId, Body(ven, p, now)))];

    private byte[] Body(VenId ven, VenPublication publication, Instant now) => publication switch
    {
        VenPublication.PublishEnvelope { Envelope: var e } => Json(CloudEvents.Of(e, source, ven.Tenant, e.EnvelopeId.ToString(), now)),
        VenPublication.WithdrawEnvelope { Withdrawal: var w } => Json(CloudEvents.Of(w, source, ven.Tenant, IdOf(w), now)),
        VenPublication.PublishPrices { Prices: var p } => Json(CloudEvents.Of(p, source, ven.Tenant, p.SeriesId.ToString(), now)),
        _ => throw new InvalidOperationException($"unknown publication {publication.GetType().Name}"),
    };

    /// <summary>The same withdrawal sent twice has the same id.</summary>
    private static string IdOf(Withdrawal w) => string.Create(
        CultureInfo.InvariantCulture, $"withdrawn:{w.SiteId}:{EnumNames<TargetKind>.Of(w.Target.Kind)}:{w.Target.Id}:{w.Stream.Key}:{w.Revision}");

    private static byte[] Json<T>(CloudEvent<T> cloudEvent)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(cloudEvent, ContractJson.Options);
}
