using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Who may come in where, by the one table of roles (<see cref="UserRoles"/>).</summary>
internal static class EndpointAccess
{
    /// <summary>Only tokens of a role that has the permission; what of the tenant they reach is asked by <see cref="Actor.Require"/> or by the list's filter.</summary>
    internal static TBuilder Needs<TBuilder>(this TBuilder endpoint, UserPermission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.NeedsReach(permission, reach => reach != Reach.None);

    /// <summary>As <see cref="Needs"/>, and only where it reaches the tenant as a whole: what the endpoint shows or does may be of any site.</summary>
    internal static TBuilder NeedsTenant<TBuilder>(this TBuilder endpoint, UserPermission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.NeedsReach(permission, reach => reach == Reach.Tenant).AddEndpointFilter(async (context, next) =>
        {
            await context.HttpContext.RequireAsync(permission, AccessTarget.Tenant);
            return await next(context);
        });

    private static TBuilder NeedsReach<TBuilder>(this TBuilder endpoint, UserPermission permission, Func<Reach, bool> isEnough)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new NeededPermission(permission)).RequireRole(
            [.. Enum.GetValues<Hosting.Auth.Role>().Where(role => FindUserRole(role) is { } own && isEnough(UserRoles.GetReach(own, permission)))]);

    /// <exception cref="ProblemException">AUTHZ_ROLE or AUTHZ_SITE.</exception>
    internal static async Task RequireAsync(this HttpContext http, UserPermission permission, AccessTarget target)
    {
        var actor = http.Actor();
        var settings = await http.RequestServices.GetRequiredService<SettingsStore>().GetAsync(actor.Tenant, http.RequestAborted);
        actor.Require(permission, target, settings.Access);
    }

    /// <summary>The actor of a request that came with a token.</summary>
    internal static Actor Actor(this HttpContext http)
    {
        var caller = http.Caller();
        var scope = caller.Sites is null ? AccessScope.Empty : new AccessScope { Sites = [.. caller.Sites.Order(StringComparer.Ordinal)] };
        return new Actor(caller.Tenant, caller.TokenId, AuditActorKind.Token)
        {
            Grants = FindUserRole(caller.Role) is { } role ? [new AccessGrant(role, scope)] : [],
            RequestId = http.TraceIdentifier,
            SourceIp = http.Connection.RemoteIpAddress?.ToString(),
        };
    }

    /// <summary>Null: publishers and controllers have no role among people.</summary>
    private static UserRole? FindUserRole(Hosting.Auth.Role role)
    {
        var word = role.ToString();
        return UserRoles.TryParse(char.ToLowerInvariant(word[0]) + word[1..], out var own) ? own : null;
    }
}

/// <summary>What an endpoint lets do.</summary>
/// <param name="Permission">Of the table of roles.</param>
public sealed record NeededPermission(UserPermission Permission);
