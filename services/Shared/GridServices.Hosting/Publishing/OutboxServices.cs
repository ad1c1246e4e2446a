using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Publishing;

/// <summary>Setting up the outbox.</summary>
public static class OutboxServices
{
    /// <summary>The outbox, its tables, the relay to <c>Hub:Url</c> with <c>Hub:Token</c>, and <c>GET /v1/outbox</c>.</summary>
    public static IServiceCollection AddOutbox(this IServiceCollection services)
    {
        services.TryAddSingleton(new RelayOptions());
        services.TryAddSingleton<HubLink>();
        services.TryAddSingleton<IStreamHearing, StoredPublicationHearing>();
        return services
            .AddSingleton(new StorePart(typeof(Outbox).Assembly))
            .AddSingleton<Outbox>()
            .AddSingleton<OutboxQueue>()
            .AddSingleton<OutboxGauges>()
            .AddSingleton<HubView>()
            .AddSingleton<Restatement>()
            .AddSingleton<WaitingPublications>()
            .AddSingleton<StoredPublications>()
            .AddSettings<HubOptions>()
            .AddSingleton<HubChannel>()
            .AddHostedService<OutboxRelay>()
            .AddHostedService<HelloLoop>();
    }
}
