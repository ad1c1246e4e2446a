using System.Net.Http.Headers;
using Microsoft.Extensions.Configuration;

namespace GridServices.Hosting;

/// <summary>Where the hub is and how we show who we are; the same settings as the outbox uses.</summary>
public sealed class HubLink : IDisposable
{
    private HubLink(HttpClient? http, string tenant) => (Http, Tenant) = (http, tenant);

    /// <summary>Null where no hub is configured.</summary>
    public HttpClient? Http { get; }

    /// <summary>The tenant our hub token belongs to: feedback concerns its sites only.</summary>
    public string Tenant { get; }

    public static HubLink From(IConfiguration configuration)
    {
        var tenant = configuration["Hub:Tenant"] is { Length: > 0 } named ? named : "default";
        if (!Uri.TryCreate(configuration["Hub:Url"], UriKind.Absolute, out var url))
        {
            return new HubLink(null, tenant);
        }

        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        var http = new HttpClient(handler) { BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (configuration["Hub:Token"] is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return new HubLink(http, tenant);
    }

    public void Dispose() => Http?.Dispose();
}
