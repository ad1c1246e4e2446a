using System.Net.Http.Headers;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Hosting.Links;
using Refit;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>The line to the Tariffs service: connections, address and token.</summary>
internal sealed class TariffsLink : IDisposable
{
    private const int MostReplyBytes = 16 * 1024 * 1024;
    private readonly HttpClient _http;

    public TariffsLink(TariffsOptions options)
    {
        // No redirects and no proxy: the token goes to the configured service only.
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(new BoundedReplies(new ConnectionFaultHandler(connections), MostReplyBytes)) { BaseAddress = new Uri((options.Url ?? "http://127.0.0.1").TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (options.Token is { Length: > 0 } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        Api = RestService.ForGenerated<ITariffsApi>(_http, new RefitSettings(new SystemTextJsonContentSerializer(ContractJson.Options)) { Buffered = true });
    }

    public ITariffsApi Api { get; }

    public void Dispose() => _http.Dispose();
}
