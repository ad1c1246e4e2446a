using GridServices.EnvelopeHub.Service.Feedback;
using GridServices.EnvelopeHub.Service.Following;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Publishing;
using GridServices.EnvelopeHub.Service.Queries;
using GridServices.EnvelopeHub.Service.Retention;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Service.Upstream;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using GridServices.Hosting.Moving;

namespace GridServices.EnvelopeHub.Service;

/// <summary>The hub: publishers in, one ordered stream per site out, feedback back.</summary>
public static class EnvelopeHubApp
{
    public static WebApplication Build(string[] args)
    {
        var builder = GridService.CreateBuilder(args, new ServiceIdentity("envelope-hub", 5100, typeof(EnvelopeHubApp).Assembly) { Clusters = true });
        builder.Services.AddSettings<EnvelopeHubOptions>();
        builder.Services.AddSingleton(HubApi.About);
        builder.Services.AddSingleton<CommitNotices>().AddHosted<StoreShare>();
        AddSites(builder.Services);
        AddWriters(builder.Services);
        AddStreams(builder.Services);
        AddNodes(builder.Services);
        var app = builder.Build();
        app.UseGridService();
        app.UseMiddleware<StoreFreshnessMiddleware>();
        app.MapPublish();
        app.MapEffective();
        app.MapEnvelopes();
        app.MapStream();
        app.MapFeedback();
        app.MapFeedbackRecords();
        app.MapSites();
        app.MapUpstream();
        app.MapPublishers();
        return app;
    }

    private static void AddSites(IServiceCollection services) => services
        .AddSingleton<HubMetrics>()
        .AddSingleton<DamagedSites>()
        .AddReadyNote("content", provider => _ => Task.FromResult(provider.GetRequiredService<DamagedSites>().Detail()))
        .AddSingleton<HistoryMarkerFile>()
        .AddSingleton<HistoryStore>()
        .AddSingleton(new MoveEnding(HistoryStore.RecreateWitnessAsync))
        .AddSingleton<HubHistory>()
        .AddSingleton<SiteLog>()
        .AddSingleton<SiteCache>()
        .AddSingleton<SiteFollower>()
        .AddSingleton<FeedbackLog>()
        .AddSingleton<FeedbackRecords>()
        .AddSingleton<DamagedFeedback>()
        .AddSingleton<FeedbackTrimmer>()
        .AddSingleton<ControllerSightings>()
        .AddSingleton<SiteDirectory>()
        .AddSingleton<UpstreamReports>()
        .AddSingleton<UpstreamReportHandler>()
        .AddHosted<HistoryLoop>()
        .AddHosted<UpstreamStore>()
        .AddRecurringJob<LogTrimmer>("log-trimming", "* * * * *");

    private static void AddWriters(IServiceCollection services) => services
        .AddHosted<CommitQueue>()
        .AddHosted<FeedbackQueue>()
        .AddReadyCheck("writer", provider => _ => Task.FromResult(
            provider.GetRequiredService<CommitQueue>().IsAlive && provider.GetRequiredService<FeedbackQueue>().IsAlive
                ? null
                : "a writer has ended; nothing published would be stored. Restart the service."));

    private static void AddStreams(IServiceCollection services) => services
        .AddHosted<EffectiveTimelinePublisher>()
        .AddHosted<HeartbeatScheduler>()
        .AddSingleton<SiteStream>()
        .AddSingleton<StreamLimiter>()
        .AddSingleton<FeedbackStream>();

    // Last: they write into the sites, the history and the streams, which have started by then.
    private static void AddNodes(IServiceCollection services) => services
        .AddSingleton<StoreFreshness>()
        .AddReadyCheck("shared-store", provider => _ => Task.FromResult(provider.GetRequiredService<StoreFreshness>().MayTell
            ? null
            : "this instance could not look at the shared store for some time; it tells nothing of sites until it can."))
        .AddHosted<NodeFollower>()
        .AddHosted<CommitHints>();

    /// <summary>One object that others ask and that lives with the service.</summary>
    private static IServiceCollection AddHosted<T>(this IServiceCollection services)
        where T : class, IHostedService => services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
