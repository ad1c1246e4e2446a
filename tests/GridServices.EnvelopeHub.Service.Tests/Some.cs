using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests;

/// <summary>Events as publishers send them.</summary>
internal static class Some
{
    internal static readonly Instant Evening = Instant.FromUtc(2027, 1, 15, 18, 0);

    internal static byte[] Envelope(string site = "site-1", string stream = "PROG7", long revision = 1, long watts = 50_000, string tenant = "default", Guid? id = null) =>
        Bytes(CloudEvents.Wrap(CreateEnvelope(site, stream, revision, watts, id), "/gridservices/openadr/1", tenant, Guid.NewGuid().ToString(), Evening));

    internal static byte[] Withdrawal(string site = "site-1", string stream = "PROG7", long revision = 2) => Bytes(CloudEvents.Wrap(
        new Withdrawal { SiteId = site, Target = new EnvelopeTarget(TargetKind.Site, site), Stream = new StreamId("openadr", stream), Revision = revision },
        "/gridservices/openadr/1",
        "default",
        Guid.NewGuid().ToString(),
        Evening));

    internal static byte[] Prices(string site = "site-1", long revision = 1) => Bytes(CloudEvents.Wrap(
        new PriceSeries
        {
            SeriesId = Guid.NewGuid(),
            Revision = revision,
            SiteId = site,
            Stream = new StreamId("openadr", "PRICES"),
            Currency = "EUR",
            Unit = "kWh",
            Segments = [new PriceSegment { From = Evening, Until = Evening + Duration.FromHours(1), ImportPrice = 0.25m }],
            Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
        },
        "/gridservices/openadr/1",
        "default",
        Guid.NewGuid().ToString(),
        Evening));

    internal static Envelope CreateEnvelope(string site, string stream, long revision, long watts, Guid? id = null) => new()
    {
        EnvelopeId = id ?? Guid.CreateVersion7(),
        Revision = revision,
        SiteId = site,
        Target = new EnvelopeTarget(TargetKind.Site, site),
        Stream = new StreamId("openadr", stream),
        Tier = Tier.Contractual,
        Obligation = Obligation.Mandatory,
        Segments = [new Segment { From = Instant.FromUtc(2020, 1, 1, 0, 0), Until = null, Limits = new Limits { ImportLimitW = watts, Connect = true } }],
        Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
    };

    private static byte[] Bytes<T>(CloudEvent<T> item)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(item, ContractJson.Options);
}
