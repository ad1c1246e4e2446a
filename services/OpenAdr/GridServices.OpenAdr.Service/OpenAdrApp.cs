using GridServices.Cluster;
using GridServices.Cluster.Requests;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.OpenAdr.Service.Api;
using GridServices.OpenAdr.Service.Doctor;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Service.Journal;
using GridServices.OpenAdr.Service.Meters;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Storage;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service;

/// <summary>The OpenADR service: VENs that pull from VTNs, or are pushed to by them, and publish to the hub. Default port 5110.</summary>
public static class OpenAdrApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("openadr", 5110, typeof(OpenAdrApp).Assembly) { Clusters = true };
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(OpenAdrApi.About);
        builder.Services.AddOutbox();
        builder.AddVens();
        builder.AddHubLink(identity).AddUpstreamHealth<VenUpstream>().AddStreamHearing<VenHearing>().AddFeedback<VenFeedback>(savesCursor: false);
        builder.RefuseInCluster("Push:Listen", "let VENs pull, or run those that are pushed to in an instance of its own without Cluster:PostgreSql.");
        builder.AddCluster<VenHost>(identity, VenProtocol.Names.KeyName);
        var app = builder.Build().UseGridService();
        app.Services.GetRequiredService<VenMetrics>().Watch(
            () => app.Services.GetRequiredService<VenHost>().Views, () => app.Services.GetRequiredService<VenProtocol>().Unreadable.Count, app.Services.GetRequiredService<CertificateExpiryMonitor>().DaysLeft);
        app.MapVens();
        app.MapVenBulk();
        app.MapEvents();
        app.MapAllEvents();
        app.MapOpts();
        app.MapPreview();
        app.MapMessages();
        app.MapDoctor();
        app.MapCluster();
        return app;
    }

    private static void AddVens(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<VtnConnections>()
            .AddSingleton<SignerNonces>()
            .AddSingleton<VtnClient>()
            .AddSingleton<VenMetrics>()
            .AddSingleton<VenStore>()
            .AddSingleton<VenProtocol>()
            .AddUtilityClients<VenHost>(MessageRow.Table, "vens")
            .AddCertificateExpiry(s => new WatchedCertificates(
                () => s.GetRequiredService<VenHost>().Views.SelectMany(v => VenCertificates.For(v.Config.Profile)).Concat(s.GetRequiredService<PushOptions>().Watched)))
            .AddSingleton<VenDoctor>()
            .AddPast()
            .AddPush();
    }

    private static IServiceCollection AddPast(this IServiceCollection services) => services
        .AddSettings<TariffsOptions>()
        .AddSingleton<PastSourceRules>()
        .AddSingleton<TariffsLink>()
        .AddSingleton<MeterReader>()
        .AddSingleton<TelemetryPages>()
        .AddSingleton<PastFetcher>()
        .AddHostedService<ReadingBackfill>()
        .AddSingleton<PastFetchService>()
        .AddHostedService(s => s.GetRequiredService<PastFetchService>());

    // The listener after the VENs: it ends before them, and takes in nothing for which there is no VEN yet.
    private static IServiceCollection AddPush(this IServiceCollection services) => services
        .AddSettings<PushOptions>()
        .AddSingleton(new ListenerStatus("the push listener is off: set Push:Listen and Push:Certificate in the service's settings and restart it"))
        .AddSingleton<PushTrust>()
        .AddSingleton<PushRefusals>()
        .AddSingleton<PushInspector>()
        .AddSingleton<PushRouter>()
        .AddSingleton<PushReceiver>()
        .AddSingleton<PushEndpoint>()
        .AddSingleton<PushTls>()
        .AddHostedService<PushListener>();
}
