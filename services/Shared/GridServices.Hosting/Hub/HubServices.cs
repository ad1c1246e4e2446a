using GridServices.Hosting.Clustering;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Hub;

/// <summary>Setting up a publisher's line to the hub.</summary>
public static class HubServices
{
    /// <summary><see cref="HubLink"/> from <see cref="HubOptions"/>; <see cref="PublisherName"/> from <see cref="PublisherOptions"/>.</summary>
    public static WebApplicationBuilder AddHubLink(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
        builder.Services.AddSettings<HubOptions>().AddSettings<PublisherOptions>();
        builder.Services.AddSingleton(services => new PublisherName($"/gridservices/{identity.Name}/{services.GetRequiredService<PublisherOptions>().Instance}"));
        builder.Services.TryAddSingleton<HubLink>();
        return builder;
    }

    /// <summary>Receipts and readings from the hub, from a cursor kept in the service's table <c>feedback_cursors</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="savesCursor">False where the service saves <see cref="FeedbackProgress"/> itself, after what depends on it.</param>
    /// <param name="batchTime">How long readings are gathered before they are handed on; a second unless said otherwise.</param>
    public static WebApplicationBuilder AddFeedback<TTaker>(this WebApplicationBuilder builder, bool savesCursor = true, TimeSpan? batchTime = null)
        where TTaker : class, IFeedbackHandler
    {
        builder.Services.TryAddSingleton<TTaker>();
        builder.Services.AddSingleton<IFeedbackHandler>(s => s.GetRequiredService<TTaker>()).AddSingleton<FeedbackProgress>();
        if (savesCursor)
        {
            builder.Services.AddHostedService<FeedbackSaver>();
        }

        builder.Services.AddSingleton<FeedbackDelivery>()
            .AddReadyNote("feedback", s => _ => Task.FromResult(s.GetRequiredService<FeedbackDelivery>().Detail));
        builder.Services.AddSingleton<OneFollower>().AddSingleton(new FeedbackPace(batchTime ?? TimeSpan.FromSeconds(1))).AddHostedService<FeedbackFollower>();
        return builder;
    }

    /// <summary>What <typeparamref name="T"/> has heard of each stream decides what goes above the hub's word; without it, only what is said anew does.</summary>
    public static WebApplicationBuilder AddStreamHearing<T>(this WebApplicationBuilder builder)
        where T : class, IStreamHearing
    {
        builder.Services.TryAddSingleton<T>();
        builder.Services.Replace(ServiceDescriptor.Singleton<IStreamHearing>(s => s.GetRequiredService<T>()));
        return builder;
    }

    /// <summary>Reports of <typeparamref name="T"/> to the hub's <c>POST /v1/upstream-health</c>.</summary>
    public static WebApplicationBuilder AddUpstreamHealth<T>(this WebApplicationBuilder builder)
        where T : class, IUpstreamHealth
    {
        builder.Services.TryAddSingleton<T>();
        builder.Services.AddSingleton<IUpstreamHealth>(s => s.GetRequiredService<T>());
        builder.Services.AddHostedService(s => ActivatorUtilities.CreateInstance<UpstreamReporter>(s, Reporter(s)));
        return builder;
    }

    /// <summary>In a cluster each node reports on what it runs: the hub holds one report of each source.</summary>
    private static PublisherName Reporter(IServiceProvider services) =>
        services.GetRequiredService<PublisherName>() is var name && services.GetRequiredService<ClusterNode>() is { IsOn: true } node ? new PublisherName($"{name.Source}/{node.Name}") : name;
}
