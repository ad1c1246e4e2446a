using System.Collections.Frozen;
using GridServices.Contracts;

namespace GridServices.Operations.Access;

/// <summary>What a user or token may be (section 10); on the wire the camelCase word.</summary>
public enum UserRole
{
    Viewer,
    Enroller,
    Dispatcher,
    Analyst,
    ControllerVendor,
    Customer,
    Admin,
}

/// <summary>What may be done.</summary>
public enum UserPermission
{
    /// <summary>Sites, enrollments, events, lamps.</summary>
    SeeSites,

    /// <summary>Customers, contacts, sites, meter points, enrollments, nominations, imports.</summary>
    EditSites,

    /// <summary>Opt in and out, opt plans.</summary>
    Opt,

    SeeBills,

    /// <summary>Tariffs, meter data, billing runs, settlements.</summary>
    RunBilling,

    ControllerTokens,

    /// <summary>Certificates, keys, programs, users, webhooks, settings.</summary>
    Administer,

    /// <summary>Raw messages and the audit.</summary>
    SeeRecords,

    /// <summary>Personal data in clear; without it contacts and account numbers are masked.</summary>
    SeePersonalData,
}

/// <summary>How far a role's permission reaches.</summary>
public enum Reach
{
    None,

    /// <summary>Only what the grant's scope names; an empty scope names nothing.</summary>
    Named,

    /// <summary>As <see cref="Named"/>, and only where the tenant's settings allow it.</summary>
    NamedIfAllowed,

    /// <summary>The tenant, or what the scope narrows it to.</summary>
    Tenant,
}

/// <summary>The table of section 10, and no other place that decides by role.</summary>
public static class UserRoles
{
    private static readonly UserRole[] Columns = [UserRole.Viewer, UserRole.Enroller, UserRole.Dispatcher, UserRole.Analyst, UserRole.ControllerVendor, UserRole.Customer, UserRole.Admin];

    private static readonly FrozenDictionary<UserPermission, Reach[]> Table = new Dictionary<UserPermission, Reach[]>
    {
        //                              viewer        enroller      dispatcher    analyst       controllerVendor  customer              admin
        [UserPermission.SeeSites] = [Reach.Tenant, Reach.Tenant, Reach.Tenant, Reach.Tenant, Reach.Named, Reach.Named, Reach.Tenant],
        [UserPermission.EditSites] = [Reach.None, Reach.Tenant, Reach.None, Reach.None, Reach.None, Reach.None, Reach.Tenant],
        [UserPermission.Opt] = [Reach.None, Reach.None, Reach.Tenant, Reach.None, Reach.None, Reach.NamedIfAllowed, Reach.Tenant],
        [UserPermission.SeeBills] = [Reach.None, Reach.None, Reach.None, Reach.Tenant, Reach.None, Reach.Named, Reach.Tenant],
        [UserPermission.RunBilling] = [Reach.None, Reach.None, Reach.None, Reach.Tenant, Reach.None, Reach.None, Reach.Tenant],
        [UserPermission.ControllerTokens] = [Reach.None, Reach.None, Reach.None, Reach.None, Reach.Named, Reach.None, Reach.Tenant],
        [UserPermission.Administer] = [Reach.None, Reach.None, Reach.None, Reach.None, Reach.None, Reach.None, Reach.Tenant],
        [UserPermission.SeeRecords] = [Reach.None, Reach.None, Reach.Tenant, Reach.None, Reach.Named, Reach.None, Reach.Tenant],
        [UserPermission.SeePersonalData] = [Reach.None, Reach.Tenant, Reach.Tenant, Reach.Tenant, Reach.None, Reach.Named, Reach.Tenant],
    }.ToFrozenDictionary();

    public static Reach GetReach(UserRole role, UserPermission permission) => Table[permission][Array.IndexOf(Columns, role)];

    /// <summary>Reads a role's word; <c>operator</c>, of tokens made before there were roles, is <see cref="UserRole.Admin"/>. False: it has no role here.</summary>
    public static bool TryParse(string word, out UserRole role)
    {
        role = UserRole.Admin;
        return word == "operator" || EnumNames<UserRole>.TryParse(word, out role);
    }
}
