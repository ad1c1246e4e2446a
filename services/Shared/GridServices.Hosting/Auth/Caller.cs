using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Auth;

/// <summary>
/// Whose token it is; what each may do is in <see cref="Permissions"/>. An operator and an admin may do everything in their tenant.
/// </summary>
public enum Role
{
    /// <summary>A service that publishes envelopes.</summary>
    Publisher,

    /// <summary>A site's controller.</summary>
    Controller,

    /// <summary>Software or a person that runs the installation.</summary>
    Operator,

    /// <summary>Sees sites, events and settings.</summary>
    Viewer,

    /// <summary>Enrolls sites in programs: VENs, 2030.5 clients, frequency contracts.</summary>
    Enroller,

    /// <summary>Opts in and out of events, and looks after the lines to utilities.</summary>
    Dispatcher,

    /// <summary>Tariffs, meter data, bills and settlements.</summary>
    Analyst,

    /// <summary>Looks after the controllers of the sites that the token names.</summary>
    ControllerVendor,

    /// <summary>Sees the sites that the token names.</summary>
    Customer,

    /// <summary>A person who may do everything in the tenant.</summary>
    Admin,
}

/// <summary>Roles by the words of the tokens file.</summary>
internal static class RoleNames
{
    /// <summary>The word, e.g. <c>controllerVendor</c>.</summary>
    internal static string Name(this Role role) => JsonNamingPolicy.CamelCase.ConvertName(role.ToString());

    /// <summary>Everything in the tenant.</summary>
    internal static bool MayDoEverything(this Role role) => role is Role.Operator or Role.Admin;

    /// <summary>A token of this role is only good for sites that it names.</summary>
    internal static bool NeedsSites(this Role role) => role is Role.ControllerVendor or Role.Customer;
}

/// <summary>Who sent the request, by the token it came with.</summary>
/// <param name="TokenId">The token's name in the tokens file, or <c>oauth:</c> and the subject of an access token; never the token.</param>
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
public static class CallerExtensions
{
    private static readonly object Key = new();
    private static readonly object TermKey = new();

    /// <summary>Who sent this request; only on endpoints that are not open.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Items[Key] as Caller ?? throw new InvalidOperationException("This endpoint is open: it has no caller.");

    internal static void Set(HttpContext context, Caller caller) => context.Items[Key] = caller;

    /// <summary>For how long the access token of this request holds; null: it came with one of the tokens file, which holds until it is removed there.</summary>
    internal static AccessTokenTerm? FindTerm(HttpContext context) => context.Items[TermKey] as AccessTokenTerm;

    internal static void SetTerm(HttpContext context, AccessTokenTerm term) => context.Items[TermKey] = term;
}
