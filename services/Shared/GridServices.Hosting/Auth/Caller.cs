using GridServices.Contracts;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting;

/// <summary>What a token may do. An operator may do everything in its tenant.</summary>
public enum Role
{
    Publisher,
    Controller,
    Operator,
}

/// <summary>Who sent the request, by the token it came with.</summary>
/// <param name="TokenId">The token's name in the tokens file; never the token.</param>
/// <param name="Tenant">Everything the caller sees and does lies in this tenant.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Sites">Where it may do it; null = at every site of the tenant.</param>
public sealed record Caller(string TokenId, string Tenant, Role Role, IReadOnlySet<string>? Sites)
{
    public bool MayAct(string siteId) => Sites is null || Sites.Contains(siteId);

    /// <exception cref="ProblemException">AUTHZ_SITE: the site is outside of the token's scope.</exception>
    public void RequireSite(string siteId)
    {
        if (!MayAct(siteId))
        {
            throw new ProblemException(ErrorClass.AuthzSite, $"Token '{TokenId}' is not for site '{siteId}'. Use a token whose sites include it.");
        }
    }
}

/// <summary>The caller of the current request.</summary>
public static class CallerOfRequest
{
    private static readonly object Key = new();

    /// <summary>Who sent this request; only on endpoints that are not open.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Items[Key] as Caller ?? throw new InvalidOperationException("This endpoint is open: it has no caller.");

    internal static void Set(HttpContext context, Caller caller) => context.Items[Key] = caller;
}
