using GridServices.Operations.Opt;
using GridServices.Wire;

namespace GridServices.Operations.Access;

/// <summary>May this be done? Without a grant that says so: no.</summary>
public static class AccessRules
{
    /// <summary>Whether one role, within its scope, may do something to a target.</summary>
    public static bool Allows(UserRole role, UserPermission permission, AccessScope scope, AccessTarget target, AccessSettings settings) =>
        Reaches(new AccessGrant(role, scope), permission, settings) && scope.Contains(target);

    /// <summary>Whether any of the grants allows it.</summary>
    public static bool Allows(IEnumerable<AccessGrant> grants, UserPermission permission, AccessTarget target, AccessSettings settings) =>
        grants.Any(g => Allows(g.Role, permission, g.Scope, target, settings));

    /// <summary>The same by a role of our own people: not one that reaches no more than what it names, as a customer's or a controller vendor's.</summary>
    public static bool AllowsStaff(IEnumerable<AccessGrant> grants, UserPermission permission, AccessTarget target, AccessSettings settings) =>
        grants.Any(g => UserRoles.GetReach(g.Role, permission) == Reach.Tenant && Allows(g.Role, permission, g.Scope, target, settings));

    /// <summary>Whether there is anything at all that the grants allow it on: decides whether a page or button is shown.</summary>
    public static bool AllowsAnywhere(IEnumerable<AccessGrant> grants, UserPermission permission, AccessSettings settings) =>
        grants.Any(g => Reaches(g, permission, settings));

    /// <summary>The sites on which the grants allow it, for the queries of lists.</summary>
    public static SiteFilter Filter(IEnumerable<AccessGrant> grants, UserPermission permission, AccessSettings settings)
    {
        var scopes = grants.Where(g => Reaches(g, permission, settings)).Select(g => g.Scope).Distinct().ToValueList();
        return scopes.Any(s => s.IsEmpty) ? SiteFilter.All : new SiteFilter(false, scopes);
    }

    /// <summary>What both persons of the rule of two must be allowed, on everything that the action touches.</summary>
    public static UserPermission PermissionFor(GuardedAction action) => action switch
    {
        GuardedAction.OptOut => UserPermission.Opt,
        GuardedAction.EndEnrollment => UserPermission.EditSites,
        _ => UserPermission.RunBilling,
    };

    private static bool Reaches(AccessGrant grant, UserPermission permission, AccessSettings settings) => UserRoles.GetReach(grant.Role, permission) switch
    {
        Reach.Tenant => true,
        Reach.Named => !grant.Scope.IsEmpty,
        Reach.NamedIfAllowed => !grant.Scope.IsEmpty && settings.CustomersMayOpt,
        _ => false,
    };
}
