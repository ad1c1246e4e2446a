using GridServices.FrequencyResponse.Service.Api;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Setpoints;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Submission;
using GridServices.FrequencyResponse.Service.Telemetry;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service;

/// <summary>The frequency response service: from measured frequency to power within a service's rules. Default port 5140.</summary>
public static class FrequencyResponseApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("frequency-response", 5140, typeof(FrequencyResponseApp).Assembly) { SharesStore = true };
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(FrequencyApi.About);
        builder.Services.AddOutbox();
        builder.AddStores();
        builder.AddPools();
        builder.AddRecording();
        builder.AddMqtt();
        builder.AddHubLink(identity).AddFeedback<Hub.Telemetry>().AddUpstreamHealth<MeasurementHealth>().AddStreamHearing<MeasurementHealth>();
        builder.Services.AddSingleton<OtherLimits>().AddSingleton<MeasuredSites>().AddHostedService<LimitsFollower>();
        var app = builder.Build().UseGridService();
        app.MapContracts();
        app.MapInstructions();
        app.MapRecords();
        app.MapFiles();
        app.MapDelivery();
        app.MapPlans();
        app.MapOutages();
        app.MapAssets();
        app.MapAssetBulk();
        app.MapSources();
        app.MapCatalog();
        app.MapSamples();
        app.MapSetpoints();
        return app;
    }

    private static void AddStores(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<CatalogOptions>()
        .AddSingleton(FrequencyCatalog.From(builder.Configuration.ReadSettings<CatalogOptions>()))
        .AddSingleton<FrequencyStore>()
        .AddSingleton<PoolStateStore>()
        .AddSingleton<InstructionStore>()
        .AddSingleton<OutageStore>()
        .AddSingleton<LeaseStore>()
        .AddSingleton<LimitsStore>()
        .AddSingleton<MeasuredSiteStore>()
        .AddSingleton<PublishedRevisionStore>()
        .AddSingleton<ActivationStore>()
        .AddSingleton<PlanStore>()
        .AddSingleton<ReservoirStore>()
        .AddSingleton<PeriodStore>();

    private static void AddPools(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<HotPathOptions>()
        .AddSettings<SetpointOptions>()
        .AddSingleton<MonotonicClock>()
        .AddSingleton<PoolTable>()
        .AddSingleton<ReadingCache>()
        .AddSingleton<Signals>()
        .AddSingleton<Instructed>()
        .AddSingleton<PoolConditions>()
        .AddSingleton<PoolHostDependencies>()
        .AddSingleton<PoolHost>()
        .AddSingleton<Watchdog>()
        .AddSingleton<FrequencyMetrics>()

        // Stopped in the opposite order: first nobody commands any more, then samples end, then what was recorded is stored.
        .AddHostedService(s => s.GetRequiredService<PoolHost>())
        .AddReadyCheck("contracts", s => _ => Task.FromResult(s.GetRequiredService<PoolHost>().IsLoaded ? null : "the stored contracts are not loaded yet"));

    private static void AddMqtt(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<BrokerOptions>()
        .AddSingleton<MqttHealth>()
        .AddSingleton<MqttHandler>()
        .AddSingleton<MqttFailSafe>()
        .AddHostedService<MqttWorker>();

    private static void AddRecording(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<EvidenceOptions>()
        .AddSingleton<RecorderSignal>()
        .AddSingleton<SetpointFeed>()
        .AddSingleton<EvidenceLogs>()
        .AddSingleton<AssetMeters>()
        .AddSingleton<Reservoirs>()
        .AddSingleton<Recorder>()
        .AddSingleton<PeriodTracker>()
        .AddSingleton<ContractPublisherDependencies>()
        .AddSingleton<ContractPublisher>()
        .AddHostedService(s => s.GetRequiredService<ContractPublisher>())
        .AddHostedService<PlanDecisions>()
        .AddSettings<SubmissionOptions>()
        .AddSingleton<SubmissionStore>()
        .AddSingleton<PlanAlarms>()
        .AddSingleton<StatingAlarm>()
        .AddSingleton<Hub.ContractAlarms>()
        .AddHostedService<PlanSubmitter>()
        .AddHostedService(s => s.GetRequiredService<Recorder>())
        .AddHostedService(s => s.GetRequiredService<Watchdog>())
        .AddHostedService<LeaseRenewal>();
}
