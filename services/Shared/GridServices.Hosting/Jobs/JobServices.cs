using GridServices.Hosting.Configuration;
using GridServices.Hosting.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>Setting up recurring jobs.</summary>
public static class JobServices
{
    /// <summary>Runs a job by Hangfire, and shows it at <c>/jobs</c>.</summary>
    /// <typeparam name="TJob">Registered as a singleton where it is not yet.</typeparam>
    /// <param name="services">The service's.</param>
    /// <param name="name">Lower case with dashes.</param>
    /// <param name="cron">Five fields, in UTC: <c>*/10 * * * *</c>.</param>
    /// <param name="runsAtStart">Once when the service has come up, too.</param>
    public static IServiceCollection AddRecurringJob<TJob>(this IServiceCollection services, string name, string cron, bool runsAtStart = false)
        where TJob : class, IRecurringJob
    {
        services.TryAddSingleton<TJob>();
        if (!services.Any(known => known.ServiceType == typeof(JobStore)))
        {
            services.AddSettings<JobOptions>().AddSingleton<JobStore>().AddSingleton<JobFailures>().AddSingleton<JobRunner>()
                .AddSingleton(s => new JobTrigger(s.GetRequiredService<JobStore>(), s.GetRequiredService<ILogger<JobTrigger>>())).AddHostedService<JobServer>();
        }

        return services.AddSingleton(new RecurringJob(name, cron, typeof(TJob)) { RunsAtStart = runsAtStart });
    }
}
