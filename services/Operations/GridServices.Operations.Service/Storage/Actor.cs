using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Wire;

namespace GridServices.Operations.Service.Storage;

/// <summary>Who acts: a signed-in user, a token, or one of our own jobs; always within one tenant.</summary>
internal sealed record Actor(string Tenant, string Name, AuditActorKind Kind)
{
    /// <summary>What the actor may do; a job may do what it was made for and carries none.</summary>
    public ValueList<AccessGrant> Grants { get; init; } = [];

    /// <summary>Whether some grant, or the actor's being a job, reaches every site.</summary>
    internal bool IsOfTenant => Kind == AuditActorKind.Job || Grants.Any(g => g.Scope.IsEmpty && UserRoles.GetReach(g.Role, UserPermission.SeeSites) == Reach.Tenant);

    public string? RequestId { get; init; }

    public string? SourceIp { get; init; }

    /// <summary>The second person, where the rule of two persons applies.</summary>
    public string? ApprovedBy { get; init; }

    internal static Actor Job(string tenant, string job) => new(tenant, job, AuditActorKind.Job);

    /// <summary>Whether there is anything that the actor may do this to.</summary>
    internal bool May(UserPermission permission, AccessSettings settings) => AccessRules.AllowsAnywhere(Grants, permission, settings);

    /// <exception cref="ProblemException">AUTHZ_ROLE or AUTHZ_SITE.</exception>
    internal void Require(UserPermission permission, AccessTarget target, AccessSettings settings)
    {
        if (!May(permission, settings))
        {
            throw new ProblemException(ErrorClass.AuthzRole, $"'{Name}' may not do this: none of its roles has the permission {EnumNames<UserPermission>.GetName(permission)}.");
        }

        if (!AccessRules.Allows(Grants, permission, target, settings))
        {
            throw new ProblemException(ErrorClass.AuthzSite, target.SiteId is { } site ? $"'{Name}' is not for site '{site}'." : $"'{Name}' may do this for its own sites only.");
        }
    }
}
