using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Finding the client a request is about, within what its caller may see.</summary>
internal static class ClientAccess
{
    /// <exception cref="RefusedException">The key can't be one.</exception>
    public static ClientId IdOf(this HttpContext http, string clientKey) => Identifiers.IsSafe(clientKey)
        ? new ClientId(http.Caller().Tenant, clientKey)
        : throw new RefusedException(
            ErrorClass.SemanticId, "A client's key has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "clientKey");

    /// <exception cref="RefusedException">No such client in the caller's tenant, or one of its sites is not the caller's.</exception>
    public static ClientLoop ClientOf(this HttpContext http, ClientFleet fleet, string clientKey)
    {
        if (!fleet.TryGet(http.IdOf(clientKey), out var loop))
        {
            throw new RefusedException(ErrorClass.NotFound, $"There is no client '{OneLine.Of(clientKey)}'. GET /v1/clients lists those there are.");
        }

        http.DemandSites(loop.View.Config);
        return loop;
    }

    public static void DemandSites(this HttpContext http, DerClientConfig config)
    {
        foreach (var device in config.AllDevices())
        {
            http.Caller().DemandSite(device.SiteId);
        }
    }

    public static bool MaySee(this Caller caller, ClientView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllDevices().All(d => caller.MayAct(d.SiteId));
}
