using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The site of a request, if the caller may have it.</summary>
internal static class SiteAccess
{
    /// <summary>The tenant is the token's. Asked before anything is looked up, so a refusal doesn't tell whether the site exists.</summary>
    /// <exception cref="RefusedException">AUTHZ_SITE, or SEMANTIC_ID where no site can have that id.</exception>
    public static SiteKey Demand(HttpContext http, string siteId)
    {
        var caller = http.Caller();
        caller.DemandSite(siteId);
        return Identifiers.IsSafe(siteId)
            ? new SiteKey(caller.Tenant, siteId)
            : throw new RefusedException(ErrorClass.SemanticId, "The site id in the path holds characters that no site id has.", "siteId");
    }
}
