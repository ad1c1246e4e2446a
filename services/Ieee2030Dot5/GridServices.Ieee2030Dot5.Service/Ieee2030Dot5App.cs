using GridServices.Cluster;
using GridServices.Cluster.Requests;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Ieee2030Dot5.Service.Api;
using GridServices.Ieee2030Dot5.Service.Doctor;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Hub;
using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.Ieee2030Dot5.Service.Notifications;
using GridServices.Ieee2030Dot5.Service.ServiceDiscovery;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Ieee2030Dot5.Service.Telemetry;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service;

/// <summary>The IEEE 2030.5 service: clients that follow a utility's server and publish to the hub. Default port 5120.</summary>
public static class Ieee2030Dot5App
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("ieee2030-5", 5120, typeof(Ieee2030Dot5App).Assembly) { Clusters = true };
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(DerClientApi.About);
        builder.Services.AddOutbox();
        builder.AddLine();
        builder.AddClients();
        builder.AddNotifications();
        builder.AddHubLink(identity).AddUpstreamHealth<ClientUpstream>().AddStreamHearing<ClientHearing>().AddFeedback<ClientFeedback>(savesCursor: false);
        builder.RefuseInCluster("Notifications:Listen", "let utilities notify through a proxy that ends TLS, at the path of the API's own port, which any node takes.");
        builder.AddCluster<ClientHost>(identity, ClientProtocol.Names.KeyName);
        var app = builder.Build().UseGridService();
        app.Services.GetRequiredService<ClientMetrics>().Watch(
            () => app.Services.GetRequiredService<ClientHost>().Views, () => app.Services.GetRequiredService<ClientProtocol>().Unreadable.Count, app.Services.GetRequiredService<CertificateExpiryMonitor>().DaysLeft);
        app.MapClients();
        app.MapResources();
        app.MapReservations();
        app.MapAllControls();
        app.MapControlOpt();
        app.MapExchanges();
        app.MapDoctor();
        app.MapServers();
        app.MapNotifications();
        app.MapCluster();
        return app;
    }

    private static void AddLine(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<TlsSettings>()
        .AddSingleton<CipherSelfTest>()
        .AddHostedService(s => s.GetRequiredService<CipherSelfTest>())
        .AddSettings<DiscoverySettings>()
        .AddSingleton<ServerFinder>()
        .AddReadyCheck("tls", s => _ => Task.FromResult(s.GetRequiredService<CipherSelfTest>().Problem));

    private static void AddClients(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<SteadyClock>()
        .AddSingleton<ClientMetrics>()
        .AddSingleton<ClientStore>()
        .AddSingleton<ClientDependencies>()
        .AddSingleton<ClientProtocol>()
        .AddUtilityClients<ClientHost>(ExchangeRow.Table, "clients")

        // Setting the machine's clock moves no control.
        .AddSingleton(s => ActivatorUtilities.CreateInstance<EngineDependencies>(s, s.GetRequiredService<SteadyClock>()))
        .AddCertificateExpiry(s => new WatchedCertificates(() => s.GetRequiredService<ClientHost>().Views.SelectMany(v => ClientCertificates.For(v.Config.Transport))
            .Concat(ClientCertificates.ForListener(s.GetRequiredService<NotificationCertificates>().Configured))))
        .AddSingleton<ClientDoctor>()
        .AddSingleton<NotificationInspector>()
        .AddHostedService<ClockStepMonitor>();

    // The listener after the clients: it ends before them, and takes in nothing for which there is no client yet.
    private static void AddNotifications(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<NotificationOptions>()
        .AddSingleton(new ListenerStatus("the notification listener is off: set Notifications:Listen in the service's settings and restart it"))
        .AddSingleton(s => new NotificationLookupLimiter(s.GetRequiredService<TimeProvider>(), isClosed: s.GetRequiredService<NotificationOptions>().Listen is not null))
        .AddSingleton(s => new NotificationHosts(AreTenantsOwn: s.GetRequiredService<NotificationOptions>() is { Listen: not null, Certificate: null }))
        .AddSingleton<NotificationCertificates>()
        .AddSingleton<ListenerCertificateMonitor>()
        .AddSingleton<NotificationRefusals>()
        .AddSingleton<NotificationReceiver>()
        .AddSingleton<NotifierTrust>()
        .AddSingleton<NotificationHandler>()
        .AddHostedService<NotificationListener>();
}
