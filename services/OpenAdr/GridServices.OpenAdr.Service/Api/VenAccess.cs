using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Finding the VEN a request is about, within what its caller may see.</summary>
internal static class VenAccess
{
    public static EngineId GetEngineId(this HttpContext http, string venKey) => http.GetEngineId(VenProtocol.Names, venKey);

    /// <exception cref="ProblemException">There is none, it is not the caller's, or what is stored of it can't be read.</exception>
    public static VenLoop GetVen(this HttpContext http, VenHost host, string venKey)
    {
        var id = http.GetEngineId(venKey);
        return host.TryGet(id, out _) || !http.RequestServices.GetRequiredService<VenProtocol>().Unreadable.TryGetValue(id, out var why)
            ? http.GetLoop(host, venKey)
            : throw new ProblemException(
                ErrorClass.NotFound, $"The VEN '{venKey}' is not run: what is stored of it can't be read ({why}). PUT it again, which registers it anew, or restore its rows from a backup and restart the service.");
    }

    public static void RequireSites(this HttpContext http, VenConfig config) => http.Caller().RequireSites(config.AllSites().Select(s => s.SiteId));

    public static bool MaySee(this Caller caller, VenView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllSites().All(s => caller.MayAct(s.SiteId));
}
