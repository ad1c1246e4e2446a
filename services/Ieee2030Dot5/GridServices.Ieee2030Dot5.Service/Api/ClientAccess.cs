using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Finding the client a request is about, within what its caller may see.</summary>
internal static class ClientAccess
{
    public static EngineId IdOf(this HttpContext http, string clientKey) => http.EngineIdOf(ClientProtocol.Names, clientKey);

    public static ClientLoop ClientOf(this HttpContext http, ClientHost fleet, string clientKey) => http.LoopOf(fleet, clientKey);

    public static void RequireSites(this HttpContext http, DerClientConfig config) => http.Caller().RequireSites(config.AllDevices().Select(d => d.SiteId));

    public static bool MaySee(this Caller caller, ClientView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllDevices().All(d => caller.MayAct(d.SiteId));
}
