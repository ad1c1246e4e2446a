using System.Net;
using System.Net.Sockets;
using GridServices.Cluster.Feedback;
using GridServices.Cluster.Membership;
using GridServices.Cluster.Nodes;
using GridServices.Cluster.Placement;
using GridServices.Cluster.Requests;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;
using Orleans.Configuration;
using ClusterOptions = GridServices.Hosting.Clustering.ClusterOptions;

namespace GridServices.Cluster;

/// <summary>Setting up cluster mode (<c>Cluster:PostgreSql</c>): several instances of a service that share its work.</summary>
public static class ClusterServices
{
    /// <summary>Has the nodes share <typeparamref name="TWork"/>; nothing where cluster mode is off. Call after all that the work needs: it ends first.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="identity">Of the service.</param>
    /// <param name="keyRoute">The route value of the service's endpoints that holds a key of the work.</param>
    /// <exception cref="StartException">The settings can't work.</exception>
    public static WebApplicationBuilder AddCluster<TWork>(this WebApplicationBuilder builder, ServiceIdentity identity, string keyRoute)
        where TWork : class, IPlacedWork
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentException.ThrowIfNullOrEmpty(keyRoute);
        var options = builder.Configuration.ReadSettings<ClusterOptions>();
        if (!options.IsOn || !identity.Clusters)
        {
            return builder;
        }

        builder.Services
            .AddSingleton<IPlacedWork>(s => s.GetRequiredService<TWork>())
            .AddSingleton(s => new Placements(s.GetRequiredService<Store>(), s.GetRequiredService<ClusterNode>(), s.GetRequiredService<Standby>(), s.GetRequiredService<IClock>()))
            .AddSingleton(s => new ClusterDatabase(options.PostgreSql!, GetSchema(identity, s.GetRequiredService<StorageOptions>()), s.GetRequiredService<ClusterNode>().Sessions))
            .AddSingleton<ClusterMetrics>()
            .AddSingleton<LiveNodes>()
            .AddSingleton<TakeOvers>()
            .AddSingleton(new KeyRoute(keyRoute))
            .AddSingleton<NodeDirectory>()
            .AddSingleton<NodeClient>()
            .AddSingleton<CompletenessCheck>()
            .AddSingleton<NodeListMerger>()
            .AddSingleton<IRequestForwarder, RequestForwarder>()
            .Replace(ServiceDescriptor.Singleton<IFeedbackHandler, ClusterFeedbackHandler>())
            .AddSingleton(GetLocalHearingFactory(builder.Services))
            .Replace(ServiceDescriptor.Singleton<IStreamHearing, ClusterHearing>())
            .AddHostedService<NodeHeartbeat>();
        FilterLogs(builder.Logging);
        builder.UseOrleans(silo => Configure(silo, options, identity));
        builder.Services
            .AddSingleton<IMembershipTable, PostgreSqlMembershipTable>()
            .AddSingleton<IFatalErrorHandler, NodeFatalErrors>()
            .AddHostedService<DeadNodeCleaner>()
            .AddHostedService<PlacementReconciler>();
        return builder;
    }

    /// <summary>For what one instance alone can do: where it is set in cluster mode the service does not start.</summary>
    /// <exception cref="StartException">It is set.</exception>
    public static WebApplicationBuilder RefuseInCluster(this WebApplicationBuilder builder, string key, string instead)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Configuration.ReadSettings<ClusterOptions>().IsOn && !string.IsNullOrEmpty(builder.Configuration[key])
            ? throw new StartException($"{key} does not work in cluster mode: {instead}")
            : builder;
    }

    private static void Configure(ISiloBuilder silo, ClusterOptions options, ServiceIdentity identity)
    {
        var address = IPAddress.Parse(options.Address);
        silo.AddPlacementDirector<KeyPlacement, KeyPlacementDirector>();
        silo.Configure<Orleans.Configuration.ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (identity.Name, identity.Name));
        silo.Services.AddOptions<SiloOptions>().Configure<ClusterNode>((o, node) => o.SiloName = node.Name);
        silo.Configure<EndpointOptions>(o =>
        {
            (o.AdvertisedIPAddress, o.GatewayPort) = (address, 0);
            o.SiloPort = options.Port > 0 ? options.Port : FreePort(address);
        });

        // A node that dies is out after two to four seconds; what is added to that is the time to start its work elsewhere.
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (TimeSpan.FromSeconds(1), 2, 1);
            (o.MinProbeTimeout, o.MaxProbeTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5));
            (o.TableRefreshTimeout, o.IAmAliveTablePublishTimeout, o.NumMissedTableIAmAliveLimit) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), 3);
            (o.DefunctSiloExpiration, o.DefunctSiloCleanupPeriod) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        });
        silo.Configure<GrainCollectionOptions>(o => o.EnableActivationSheddingOnMemoryPressure = false);
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(10));
    }

    // What it says of its own working, and of settings that suit servers of other kinds, helps nobody here.
    private static void FilterLogs(ILoggingBuilder logging) => logging
        .AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning).AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

    private static Func<IServiceProvider, LocalHearing> GetLocalHearingFactory(IServiceCollection services) => services.Last(s => s.ServiceType == typeof(IStreamHearing)) switch
    {
        { ImplementationFactory: { } make } => provider => new LocalHearing((IStreamHearing)make(provider)),
        var kind => provider => new LocalHearing((IStreamHearing)ActivatorUtilities.CreateInstance(provider, kind.ImplementationType!)),
    };

    private static string GetSchema(ServiceIdentity identity, StorageOptions storage) => storage.Schema ?? identity.Name.Replace('-', '_');

    private static int FreePort(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
