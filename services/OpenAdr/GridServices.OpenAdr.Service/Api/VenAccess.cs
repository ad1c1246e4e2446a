using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Finding the VEN a request is about, within what its caller may see.</summary>
internal static class VenAccess
{
    /// <exception cref="RefusedException">The key can't be one.</exception>
    public static VenId IdOf(this HttpContext http, string venKey) => Identifiers.IsSafe(venKey)
        ? new VenId(http.Caller().Tenant, venKey)
        : throw new RefusedException(ErrorClass.SemanticId, "A VEN's key has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "venKey");

    /// <exception cref="RefusedException">No such VEN in the caller's tenant, or one of its sites is not the caller's.</exception>
    public static VenLoop VenOf(this HttpContext http, VenFleet fleet, string venKey)
    {
        if (!fleet.TryGet(http.IdOf(venKey), out var loop))
        {
            throw new RefusedException(ErrorClass.NotFound, $"There is no VEN '{OneLine.Of(venKey)}'. GET /v1/vens lists those there are.");
        }

        http.DemandSites(loop.View.Config);
        return loop;
    }

    public static void DemandSites(this HttpContext http, VenConfig config)
    {
        foreach (var site in config.AllSites())
        {
            http.Caller().DemandSite(site.SiteId);
        }
    }

    public static bool MaySee(this Caller caller, VenView view) =>
        view.Id.Tenant == caller.Tenant && view.Config.AllSites().All(s => caller.MayAct(s.SiteId));
}
