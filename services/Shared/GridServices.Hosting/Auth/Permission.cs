namespace GridServices.Hosting.Auth;

/// <summary>What an endpoint lets its caller do. Which roles may is in <see cref="Permissions"/>.</summary>
public enum Permission
{
    /// <summary>See sites, events and the state of what is enrolled. Only where the endpoint holds the caller's sites against what it shows.</summary>
    SeeSites,

    /// <summary>See what belongs to the whole tenant and to no site: tariffs, price series, catalogs, publishers.</summary>
    SeeSettings,

    /// <summary>Write, change and delete what an enrollment consists of.</summary>
    EditSites,

    /// <summary>Examine and restart the lines to utilities and to the hub: doctor, actions, what waits to be sent.</summary>
    Operate,

    /// <summary>Opt in to and out of events.</summary>
    Opt,

    /// <summary>Read the raw messages exchanged with utilities.</summary>
    ReadMessages,

    /// <summary>Tariffs, meter data, bills and settlements.</summary>
    Settle,

    /// <summary>Register, change and delete meters: enrolling a site makes them, settling it corrects them.</summary>
    EditMeters,

    /// <summary>See bills of the caller's sites.</summary>
    SeeBills,

    /// <summary>What no other permission covers.</summary>
    Administer,

    /// <summary>Publish, and hear what controllers feed back: for services.</summary>
    Publish,

    /// <summary>Follow a site and feed back: for its controller.</summary>
    Control,
}

/// <summary>The one table of roles and permissions.</summary>
public static class Permissions
{
    /// <summary>The roles that have a permission, beside operator and admin, who have all.</summary>
    public static IReadOnlyList<Role> GetRoles(Permission permission) => permission switch
    {
        Permission.SeeSites => [Role.Viewer, Role.Enroller, Role.Dispatcher, Role.Analyst, Role.ControllerVendor, Role.Customer],
        Permission.SeeSettings => [Role.Viewer, Role.Enroller, Role.Dispatcher, Role.Analyst],
        Permission.EditSites => [Role.Enroller],
        Permission.Operate => [Role.Enroller, Role.Dispatcher],
        Permission.Opt => [Role.Dispatcher],
        Permission.ReadMessages => [Role.Dispatcher, Role.ControllerVendor],
        Permission.Settle => [Role.Analyst],
        Permission.EditMeters => [Role.Enroller, Role.Analyst],
        Permission.SeeBills => [Role.Analyst, Role.Customer],
        Permission.Publish => [Role.Publisher],
        Permission.Control => [Role.Controller],
        _ => [],
    };
}
