using GridServices.Client.Access;
using GridServices.Hosting.Configuration;
using GridServices.Operations.Service.Storage;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>Refit clients of the other services.</summary>
internal static class ClientsSetup
{
    // A month's bill split among a thousand users is calculated while we wait.
    private static readonly TimeSpan CalculationTimeout = TimeSpan.FromSeconds(60);

    internal static WebApplicationBuilder AddServiceClients(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ServicesOptions>().AddSingleton<ServiceTokens>().AddSingleton<ServiceAvailability>().AddSingleton<ServiceCalls>();
        var settings = new RefitSettings(new SystemTextJsonContentSerializer(StoredJson.Options));
        builder.Services.AddRefitGeneratedClient<IEnvelopeHubApi>(settings).At(ServiceName.EnvelopeHub);
        builder.Services.AddRefitGeneratedClient<IOpenAdrApi>(settings).At(ServiceName.OpenAdr);
        builder.Services.AddRefitGeneratedClient<IIeee2030Dot5Api>(settings).At(ServiceName.Ieee2030Dot5);
        builder.Services.AddRefitGeneratedClient<ITariffsApi>(settings).At(ServiceName.Tariffs);
        builder.Services.AddRefitGeneratedClient<IFrequencyResponseApi>(settings).At(ServiceName.FrequencyResponse);
        return builder;
    }

    private static void At(this IHttpClientBuilder client, ServiceName name) => client
        .ConfigureHttpClient((services, http) =>
        {
            var options = services.GetRequiredService<ServicesOptions>();
            http.BaseAddress = new Uri(options[name].Url.TrimEnd('/'));
            http.Timeout = name == ServiceName.Tariffs && options.Timeout < CalculationTimeout ? CalculationTimeout : options.Timeout;
        })
        .ConfigurePrimaryHttpMessageHandler(() => new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }));
}
