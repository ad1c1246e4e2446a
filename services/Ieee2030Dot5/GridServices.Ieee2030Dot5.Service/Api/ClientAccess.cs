using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Finding the client a request is about, within what its caller may see.</summary>
internal static class ClientAccess
{
    public static EngineId IdOf(this HttpContext http, string clientKey) => http.EngineIdOf(ClientProtocol.Names, clientKey);

    /// <exception cref="ProblemException">There is none, it is not the caller's, or what is stored of it can't be read.</exception>
    public static ClientLoop ClientOf(this HttpContext http, ClientHost fleet, string clientKey)
    {
        var id = http.IdOf(clientKey);
        return fleet.TryGet(id, out _) || !http.RequestServices.GetRequiredService<ClientProtocol>().Unreadable.TryGetValue(id, out var why)
            ? http.LoopOf(fleet, clientKey)
            : throw new ProblemException(
                ErrorClass.NotFound, $"The client '{clientKey}' is not run: what is stored of it can't be read ({why}). PUT it again, which begins it anew, or restore its rows from a backup and restart the service.");
    }

    public static void RequireSites(this HttpContext http, DerClientConfig config) => http.Caller().RequireSites(config.AllDevices().Select(d => d.SiteId));

    public static bool MaySee(this Caller caller, ClientView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllDevices().All(d => caller.MayAct(d.SiteId));
}
