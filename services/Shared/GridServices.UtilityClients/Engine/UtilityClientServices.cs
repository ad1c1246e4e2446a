using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using GridServices.UtilityClients.Journal;
using GridServices.UtilityClients.Tls;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.UtilityClients.Engine;

/// <summary>Registers what every utility client's service runs.</summary>
public static class UtilityClientServices
{
    /// <param name="services">The service's.</param>
    /// <param name="table">The protocol's journal.</param>
    /// <param name="check">Name of the readiness check, ready once the engines are loaded.</param>
    public static IServiceCollection AddUtilityClients<THost>(this IServiceCollection services, JournalTable table, string check)
        where THost : EngineHost => services
        .AddSettings<JournalOptions>()
        .AddSettings<CertificateFolderOptions>()
        .AddSingleton(table)
        .AddSingleton<JournalStore>()
        .AddSingleton<JournalReader>()
        .AddSingleton<EngineDependencies>()
        .AddSingleton<THost>()
        .AddSingleton<EngineHost>(s => s.GetRequiredService<THost>())
        .AddSingleton<WriteBehind>()
        .AddRecurringJob<JournalRetention>("journal-retention", "7 * * * *")

        // Stopped in the opposite order: the host first ends its loops, then the write-behind saves what they left.
        .AddHostedService(s => s.GetRequiredService<WriteBehind>())
        .AddHostedService(s => s.GetRequiredService<THost>())
        .AddReadyCheck(check, s => _ => Task.FromResult(s.GetRequiredService<THost>().IsLoaded ? null : $"the stored {check} are not loaded yet"));

    /// <summary>Warns before the certificates in use end.</summary>
    public static IServiceCollection AddCertificateExpiry(this IServiceCollection services, Func<IServiceProvider, WatchedCertificates> watched) => services
        .AddSingleton(watched)
        .AddRecurringJob<CertificateExpiryMonitor>("certificate-expiry", "23 * * * *", runsAtStart: true);
}
