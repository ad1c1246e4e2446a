using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Api;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Console;
using GridServices.Operations.Service.Controllers;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Feeds;
using GridServices.Operations.Service.Frequency;
using GridServices.Operations.Service.Import;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Overview;
using GridServices.Operations.Service.Privacy;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Readiness;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Retention;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service;

/// <summary>The Operations service: registry, enrollments, events, compliance, and the console that people use. Default port 5150.</summary>
public static class OperationsApp
{
    private const string EveryMinute = "* * * * *";

    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("operations", 5150, typeof(OperationsApp).Assembly);
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(OperationsApi.About);
        builder.Services.AddOutbox();
        builder.AddHubLink(identity);
        builder.AddServiceClients();
        builder.AddStores();
        builder.AddEntityHandlers();
        builder.AddEnrollments();
        builder.AddProvisioning();
        builder.AddImportsAndNotices();
        builder.AddMoney();
        builder.AddJobs();
        builder.AddControllers();
        builder.AddFeeds();
        builder.AddConsole();
        var app = builder.Build().UseGridService();
        app.MapRegistry();
        app.MapEnrollments();
        app.MapEvents();
        app.MapCompliance();
        app.MapBills();
        app.MapAllocations();
        app.MapSettlements();
        app.MapApprovals();
        app.MapImports();
        app.MapSiteActions();
        app.MapNotifications();
        app.MapPrograms();
        app.MapCertificates();
        app.MapAudit();
        app.MapSettings();
        app.MapControllerTokens();
        app.MapExports();
        app.MapFeeds();
        app.MapStream();
        app.MapConsole();
        return app;
    }

    private static void AddStores(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<ProtectionOptions>()
        .AddSingleton(s => new ColumnProtector(ProtectionKeys.From(s.GetRequiredService<ProtectionOptions>(), s.GetRequiredService<StorageOptions>())))
        .AddHostedService<ProtectionCheck>()
        .AddSingleton<SettingsStore>().AddSingleton<OperationsStore>().AddSingleton<ChangeFeed>().AddSingleton<AuditLog>()
        .AddSingleton<CustomerStore>().AddSingleton<ContactStore>().AddSingleton<SiteStore>().AddSingleton<MeterPointStore>().AddSingleton<AssetStore>()
        .AddSingleton<EnrollmentStore>().AddSingleton<NominationStore>().AddSingleton<CertificateStore>().AddSingleton<OptPlanStore>();

    private static void AddEntityHandlers(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<ConnectionLimits>().AddSingleton<SettingsCommands>().AddSingleton<ConnectionLimitReader>().AddSingleton<ConnectionCommands>()
        .AddSingleton<PersonalData>().AddSingleton<ProgramStore>().AddSettings<CertificateOptions>().AddSingleton<CertificateFiles>()
        .AddSingleton<CertificateUses>().AddSingleton<CertificateCommands>()
        .AddSingleton<CustomerHandler>().AddSingleton<ContactHandler>().AddSingleton<SiteHandler>().AddSingleton<MeterPointHandler>().AddSingleton<AssetHandler>().AddSingleton<OptPlanHandler>()
        .AddSingleton<FrequencyReader>().AddSingleton<SiteNotes>().AddSingleton<SiteGlances>().AddSingleton<SiteActionPlanner>()
        .AddSingleton<SiteActionSteps>().AddSingleton<SiteActionRunner>().AddSingleton<SiteActionStore>();

    private static void AddImportsAndNotices(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<ImportStore>().AddSingleton<ImportRunner>().AddSingleton<RowApplier>().AddSingleton<EnrollmentRows>()
        .AddSettings<NotifyOptions>().AddSettings<SmtpOptions>().AddSettings<WebhookOptions>().AddSingleton<NoticeReader>()
        .AddSingleton<LineNotices>().AddSingleton<PolledNotices>().AddSingleton<SilentSites>().AddSingleton<RecipientNames>()
        .AddSingleton<ContactMessages>().AddSingleton<NotificationStore>().AddSingleton<Acknowledgements>().AddSingleton<Mailer>()
        .AddSingleton<WebhookStore>().AddSingleton<WebhookCommands>().AddSingleton<WebhookSender>();

    private static void AddProvisioning(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<ServiceDocuments>().AddSingleton<ServiceDocumentStore>().AddSingleton<ProvisionSources>().AddSingleton<ProvisioningOutcomes>().AddSingleton<SentDocuments>()
        .AddSingleton<Provisioner>().AddSingleton<EnrollmentGroups>()
        .AddSingleton<SentWatch>().AddSingleton<DocumentWatch>().AddSingleton<WaitingConnectionLimits>().AddSingleton<DriftCommands>().AddHostedService<ProvisioningLoop>();

    private static void AddEnrollments(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<EnrollmentHandler>().AddSingleton<NominationHandler>().AddSingleton<EnrollmentFactsReader>().AddSingleton<EnrollmentWork>().AddSingleton<WorkSignal>()
        .AddSingleton<EnrollmentCommands>().AddSingleton<EnrollmentActions>().AddSingleton<ApprovalCommands>().AddSingleton<EnrollmentDocuments>()
        .AddSingleton<SignatureStore>().AddSingleton<SignatureCommands>().AddSingleton<EnrollmentStatusReader>()
        .AddSingleton<TestStore>().AddSingleton<TestLimits>().AddSingleton<Observations>().AddSingleton<ServiceFactsReader>().AddSingleton<ServicePoll>()
        .AddSingleton<EventStore>().AddSingleton<EventEnrollments>().AddSingleton<EventCollector>()
        .AddSingleton<OptStore>().AddSingleton<OptReconciler>().AddSingleton<OptScheduleStore>().AddSingleton<OptScheduleTargets>()
        .AddSingleton<OptScheduleClient>().AddSingleton<OptScheduleReconciler>().AddSingleton<ApprovedWork>()
        .AddSingleton<LimitRecorder>().AddSingleton<BaselineReader>().AddSingleton<ComplianceReader>().AddSingleton<ComplianceStore>()
        .AddSingleton<EventForecasts>().AddSingleton<MonthlyComplianceReader>().AddSingleton<SiteOverviewReader>()
        .AddSettings<WatchOptions>().AddSingleton<EnrollmentWatch>().AddSingleton<Watcher>().AddHostedService(s => s.GetRequiredService<Watcher>()).AddHostedService<LimitWatch>();

    private static void AddMoney(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<MeterReadings>().AddSingleton<BillReader>().AddSingleton<BillRuns>().AddSingleton<BillAccess>().AddSingleton<Allocations>()
        .AddSingleton<AllocationStore>().AddSingleton<Settlements>().AddSingleton<SettlementStore>().AddSingleton<Ledger>()
        .AddSingleton<BillRunWatch>();

    private static void AddJobs(this WebApplicationBuilder builder) => builder.Services
        .AddRecurringJob<ImportJob>(ImportJob.Name, EveryMinute, runsAtStart: true)
        .AddRecurringJob<SiteActionJob>(SiteActionJob.Name, EveryMinute, runsAtStart: true)
        .AddRecurringJob<ReconcileJob>("reconcile", EveryMinute)
        .AddRecurringJob<WaitingLimitsJob>(WaitingLimitsJob.Name, EveryMinute)
        .AddRecurringJob<ComplianceJob>("compliance", EveryMinute)
        .AddRecurringJob<ForecastJob>(ForecastJob.Name, EveryMinute)
        .AddRecurringJob<NotificationJob>(NotificationJob.Name, EveryMinute)
        .AddRecurringJob<DeliveryRetention>("delivery-retention", "37 * * * *")
        .AddRecurringJob<AuditRetention>("audit-retention", "47 3 * * *")
        .AddRecurringJob<RemovedKeys>("deleted-certificates", "23 * * * *")
        .AddRecurringJob<DeadlineJob>("deadline-watch", "3 * * * *");
}
