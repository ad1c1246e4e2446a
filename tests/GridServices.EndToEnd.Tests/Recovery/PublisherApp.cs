using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using Microsoft.AspNetCore.Builder;
using NodaTime;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>A publisher with nothing of its own but the outbox and the line to the hub: what every service has.</summary>
internal static class PublisherApp
{
    public const string Source = "/gridservices/recovery-publisher/1";
    public const string Site = "site-1";

    public static WebApplication Build(string[] args)
    {
        var identity = new ServiceIdentity("recovery-publisher", 5199, typeof(PublisherApp).Assembly);
        var builder = GridService.CreateBuilder(args, identity);
        builder.Services.AddOutbox();
        builder.AddHubLink(identity).AddStreamHearing<Utility>();
        var app = builder.Build();
        app.UseGridService();
        return app;
    }

    /// <summary>What the publisher says anew it has from its utility; what it has stored counts once the utility was heard.</summary>
    internal sealed class Utility : IStreamHearing
    {
        public bool IsHeard { get; set; }

        public string? WhyUnheard(SpokenStream stream) => stream.IsFresh || IsHeard ? null : "The utility was not heard since the start.";
    }

    /// <summary>A limit that is in force now, and stays.</summary>
    public static Envelope Limit(string stream, long revision, long watts) => new()
    {
        EnvelopeId = Guid.CreateVersion7(),
        Revision = revision,
        SiteId = Site,
        Target = new EnvelopeTarget(TargetKind.Site, Site),
        Stream = new StreamId("openadr", stream),
        Tier = Tier.Contractual,
        Obligation = Obligation.Mandatory,
        Segments = [new Segment { From = Instant.FromUtc(2020, 1, 1, 0, 0), Until = null, Limits = new Limits { ImportLimitW = watts } }],
        Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
    };
}
