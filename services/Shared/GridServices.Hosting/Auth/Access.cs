using System.Net;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting.Auth;

/// <summary>What an endpoint asks of its caller. An endpoint that says nothing asks for a valid token of any role.</summary>
public static class Access
{
    /// <summary>Only callers who have this permission, and those of the roles named beside it; an operator and an admin always pass.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="permission">What the endpoint lets do; people's roles follow from it.</param>
    /// <param name="machines">Publisher or controller, where software of that role needs the endpoint too.</param>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder endpoint, Permission permission, params Role[] machines)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequiredRoles([.. Permissions.GetRoles(permission), .. machines]) { Permission = permission });

    /// <summary>Only callers of one of these roles; an operator and an admin always pass.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoint, params Role[] roles)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredRoles(roles));

    /// <summary>No token asked: the endpoint has another guard, e.g. the utility's client certificate.</summary>
    public static TBuilder Open<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenToAll(LoopbackOnly: false));

    /// <summary>No token asked of this machine; others need one, unless <c>Auth:OpenProbes</c> is true.</summary>
    internal static TBuilder OpenOnLoopback<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenToAll(LoopbackOnly: true));

    /// <summary>
    /// Whether the token this request came with is still in force, and this process still sure of its store: an endless answer (SSE) asks at each heartbeat,
    /// and ends where it is not.
    /// </summary>
    public static bool TokenStillValid(this HttpContext context)
    {
        if (!context.RequestServices.GetRequiredService<Standby>().MayTell)
        {
            return false;
        }

        if (CallerExtensions.FindTerm(context) is { } term)
        {
            return context.RequestServices.GetRequiredService<AccessTokenVerifier>().StillHolds(term);
        }

        var tokens = context.RequestServices.GetRequiredService<TokenDirectory>();
        return tokens.AllowAnonymous || (BearerToken.Read(context.Request) is { } token && tokens.Find(token) is not null);
    }

    internal static bool IsLoopback(HttpContext context) => context.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer);
}

/// <summary>What an endpoint asks of its caller.</summary>
/// <param name="Roles">Beside operator and admin.</param>
public sealed record RequiredRoles(IReadOnlyList<Role> Roles)
{
    /// <summary>What it lets do; null where roles are named one by one.</summary>
    public Permission? Permission { get; init; }

    /// <summary>Every role that passes, in the order of the roles.</summary>
    public IReadOnlyList<Role> Admitted => [.. Enum.GetValues<Role>().Where(Admits)];

    /// <summary>Whether a caller of this role passes.</summary>
    public bool Admits(Role role) => role.MayDoEverything() || Roles.Contains(role);
}

internal sealed record OpenToAll(bool LoopbackOnly);
