using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Storage;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Finding the client a request is about, within what its caller may see.</summary>
internal static class ClientAccess
{
    public static EngineId GetEngineId(this HttpContext http, string clientKey) => http.GetEngineId(ClientProtocol.Names, clientKey);

    /// <exception cref="ProblemException">There is none, it is not the caller's, or what is stored of it can't be read.</exception>
    public static ClientLoop GetClient(this HttpContext http, ClientHost host, string clientKey)
    {
        if (!host.TryGet(http.GetEngineId(clientKey), out _) && http.FindUnreadable(clientKey) is { } unreadable)
        {
            http.RequireSites(unreadable);
            throw new ProblemException(
                ErrorClass.NotFound, $"The client '{clientKey}' is not run: what is stored of it can't be read ({unreadable.Why}). PUT it again, which begins it anew, or restore its rows from a backup and restart the service.");
        }

        return http.GetLoop(host, clientKey);
    }

    /// <summary>What is known of a client that is there and can't be read; null: it can, or there is none.</summary>
    public static UnreadableClient? FindUnreadable(this HttpContext http, string clientKey) =>
        http.RequestServices.GetRequiredService<ClientProtocol>().Unreadable.GetValueOrDefault(http.GetEngineId(clientKey));

    /// <exception cref="ProblemException">One of its sites is not the caller's; where nobody knows them, the caller is not for all.</exception>
    public static void RequireSites(this HttpContext http, UnreadableClient client)
    {
        if (client.Sites is null && http.Caller().Sites is not null)
        {
            throw new ProblemException(ErrorClass.AuthzSite, "What is stored of this client can't be read, nor whose sites it speaks for. Use a token that is for all sites.");
        }

        http.Caller().RequireSites(client.Sites ?? Enumerable.Empty<string>());
    }

    public static void RequireSites(this HttpContext http, DerClientConfig config) => http.Caller().RequireSites(config.AllDevices().Select(d => d.SiteId));

    public static bool MaySee(this Caller caller, ClientView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllDevices().All(d => caller.MayAct(d.SiteId));
}
