using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Storage;

internal static class StoreServices
{
    internal static IServiceCollection AddStore(this IServiceCollection services, ServiceIdentity identity) => services
        .AddSettings<StorageOptions>()
        .AddSingleton(provider => new Store(
            provider.GetRequiredService<StoreOptions>(),
            [identity.Migrations, .. provider.GetServices<StorePart>().Select(part => part.Migrations)],
            provider.GetRequiredService<ILogger<Store>>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddReadyCheck("store", provider => provider.GetRequiredService<StoreReadiness>().CheckAsync)
        .AddSingleton<StoreReadiness>()
        .AddHostedService<StoreRecovery>();
}

/// <summary>Another assembly with migrations for the service's store.</summary>
internal sealed record StorePart(System.Reflection.Assembly Migrations);
