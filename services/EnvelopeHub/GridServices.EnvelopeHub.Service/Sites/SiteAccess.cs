using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The site of a request, if the caller may have it.</summary>
internal static class SiteAccess
{
    /// <summary>The tenant is the token's. Asked before anything is looked up, so a refusal doesn't tell whether the site exists.</summary>
    /// <exception cref="ProblemException">AUTHZ_SITE, or SEMANTIC_ID where no site can have that id.</exception>
    public static SiteKey Require(HttpContext http, string siteId)
    {
        var caller = http.Caller();
        caller.RequireSite(siteId);
        if (!Identifiers.IsSafe(siteId))
        {
            throw new ProblemException(ErrorClass.SemanticId, "The site id in the path holds characters that no site id has.", "siteId");
        }

        var key = new SiteKey(caller.Tenant, siteId);
        http.RequestServices.GetRequiredService<ControllerSightings>().Note(key, http);
        return key;
    }

    /// <summary>What a damaged stream states is unknown: without it the site's limits would read looser than they are.</summary>
    /// <exception cref="ProblemException">UNAVAILABLE: a stream of the site is damaged in the store.</exception>
    public static void RequireComplete(this SiteSet set)
    {
        if (!set.Damaged.IsEmpty)
        {
            throw new ProblemException(
                ErrorClass.Unavailable,
                $"The stored content of {string.Join(", ", set.Damaged.Values.Select(stream => stream.Name))} is damaged, so this site's limits are not known until it is published again. Hold what you have, or use the fail-safe limits.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            };
        }
    }
}
