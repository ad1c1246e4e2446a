using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Sites;

internal static class Some
{
    internal static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    internal static readonly SiteKey Site = new("default", "site-1");

    internal static PublicationEntry Envelope(string stream, long revision, long importLimitW = 1000) => CreateEntry(new EnvelopePublished
    {
        EventId = $"{stream}-{revision}",
        Source = "/gridservices/openadr/1",
        Tenant = Site.Tenant,
        SiteId = Site.SiteId,
        Time = Now,
        Envelope = new Envelope
        {
            EnvelopeId = Guid.NewGuid(),
            Revision = revision,
            SiteId = Site.SiteId,
            Target = new EnvelopeTarget(TargetKind.Site, Site.SiteId),
            Stream = new StreamId("openadr", stream),
            Tier = Tier.Contractual,
            Obligation = Obligation.Mandatory,
            Segments = [new Segment { From = Now, Until = Now + Duration.FromHours(1), Limits = new Limits { ImportLimitW = importLimitW } }],
            Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
        },
    }, $"{stream}/{revision}/{importLimitW}");

    internal static PublicationEntry Withdrawal(string stream, long revision) => CreateEntry(new EnvelopeWithdrawn
    {
        EventId = $"{stream}-{revision}",
        Source = "/gridservices/openadr/1",
        Tenant = Site.Tenant,
        SiteId = Site.SiteId,
        Time = Now,
        Withdrawal = new Withdrawal
        {
            SiteId = Site.SiteId,
            Target = new EnvelopeTarget(TargetKind.Site, Site.SiteId),
            Stream = new StreamId("openadr", stream),
            Revision = revision,
        },
    }, $"{stream}/{revision}/withdrawn");

    private static PublicationEntry CreateEntry(Publication publication, string content) => new()
    {
        Site = Site,
        Publication = publication,
        Content = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))),
        Event = Encoding.UTF8.GetBytes($$"""{"id":"{{publication.EventId}}"}"""),
    };
}
