using GridServices.Operations.Service.Storage;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>Refit clients of the other services.</summary>
internal static class ClientsSetup
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    internal static WebApplicationBuilder AddServiceClients(this WebApplicationBuilder builder)
    {
        var tokens = new ServiceTokens(builder.Configuration);
        builder.Services.AddSingleton(tokens).AddSingleton<ServiceBoard>().AddSingleton<ServiceCalls>();
        var settings = new RefitSettings(new SystemTextJsonContentSerializer(StoredJson.Options));
        builder.Services.AddRefitGeneratedClient<IEnvelopeHubApi>(settings).At(tokens.UrlOf(ServiceName.EnvelopeHub));
        builder.Services.AddRefitGeneratedClient<IOpenAdrApi>(settings).At(tokens.UrlOf(ServiceName.OpenAdr));
        builder.Services.AddRefitGeneratedClient<IIeee2030Dot5Api>(settings).At(tokens.UrlOf(ServiceName.Ieee2030Dot5));
        builder.Services.AddRefitGeneratedClient<ITariffsApi>(settings).At(tokens.UrlOf(ServiceName.Tariffs));
        builder.Services.AddRefitGeneratedClient<IFrequencyResponseApi>(settings).At(tokens.UrlOf(ServiceName.FrequencyResponse));
        return builder;
    }

    private static void At(this IHttpClientBuilder client, Uri address) => client
        .ConfigureHttpClient(http =>
        {
            http.BaseAddress = address;
            http.Timeout = Timeout;
        })
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) });
}
