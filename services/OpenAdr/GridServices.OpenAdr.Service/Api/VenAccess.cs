using GridServices.Hosting;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Finding the VEN a request is about, within what its caller may see.</summary>
internal static class VenAccess
{
    public static EngineId IdOf(this HttpContext http, string venKey) => http.EngineIdOf(VenProtocol.Names, venKey);

    public static VenLoop VenOf(this HttpContext http, VenHost fleet, string venKey) => http.LoopOf(fleet, venKey);

    public static void RequireSites(this HttpContext http, VenConfig config) => http.Caller().RequireSites(config.AllSites().Select(s => s.SiteId));

    public static bool MaySee(this Caller caller, VenView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllSites().All(s => caller.MayAct(s.SiteId));
}
