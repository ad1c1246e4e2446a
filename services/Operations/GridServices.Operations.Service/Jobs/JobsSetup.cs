using GridServices.Operations.Service.Api;
using GridServices.Operations.Service.Storage;
using Hangfire;
using Hangfire.Dashboard;
using Hangfire.InMemory;
using Hangfire.PostgreSql;

namespace GridServices.Operations.Service.Jobs;

/// <summary>
/// Hangfire: in memory by default (what is due is in our own tables and is enqueued again at the start), or in PostgreSQL where <c>Jobs:PostgreSql</c> is set, with
/// a sliding invisibility, so that a long job is not started twice.
/// </summary>
internal static class JobsSetup
{
    private const int Workers = 4;

    internal static WebApplicationBuilder AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JobStorage>(_ => StorageOf(builder.Configuration));
        builder.Services.AddHangfire((_, hangfire) => hangfire.SetDataCompatibilityLevel(CompatibilityLevel.Version_180).UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings());
        builder.Services.AddHangfireServer(options =>
        {
            options.WorkerCount = Workers;
            options.SchedulePollingInterval = TimeSpan.FromSeconds(1);
            options.CancellationCheckInterval = TimeSpan.FromSeconds(1);
            options.ShutdownTimeout = TimeSpan.FromSeconds(5);
        });
        builder.Services.AddSingleton<OperationsJobs>().AddSingleton<DeadlineWatch>().AddHostedService<DueWork>();
        return builder;
    }

    /// <summary>The dashboard at <c>/jobs</c>: with a token of a role that sees the tenant, read-only for all but admins.</summary>
    internal static WebApplication MapJobs(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<SettingsStore>();
        app.MapHangfireDashboard("/jobs", new DashboardOptions
        {
            Authorization = [],
            AsyncAuthorization = [],
            AppPath = null,
            DisplayStorageConnectionString = false,
            DashboardTitle = "GridServices Operations: jobs",
            IsReadOnlyFunc = context => !context.GetHttpContext().Actor().May(UserPermission.Administer, new AccessSettings()),
        }).Needs(UserPermission.EditSites);
        return app;
    }

    private static JobStorage StorageOf(IConfiguration configuration) => configuration["Jobs:PostgreSql"] is { Length: > 0 } connection
        ? new PostgreSqlStorage(
            new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(connection, new PostgreSqlStorageOptions()),
            new PostgreSqlStorageOptions { SchemaName = configuration["Jobs:Schema"] ?? "operations_jobs", UseSlidingInvisibilityTimeout = true, PrepareSchemaIfNecessary = true })
        : new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromHours(6) });
}
