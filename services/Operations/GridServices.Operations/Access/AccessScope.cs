using System.Text.Json.Serialization;
using GridServices.Operations.Registry;
using GridServices.Wire;

namespace GridServices.Operations.Access;

/// <summary>
/// What a grant is narrowed to. Each kind that is named must match (a customer's sites that carry the tag); within a kind any name does.
/// Names of tags are compared exactly.
/// </summary>
public sealed record AccessScope
{
    /// <summary>Nothing is named.</summary>
    public static AccessScope Empty { get; } = new();

    public ValueList<string> Customers { get; init; } = [];
    public ValueList<string> Tags { get; init; } = [];

    /// <summary>Hub ids of sites.</summary>
    public ValueList<string> Sites { get; init; } = [];

    [JsonIgnore]
    public bool IsEmpty => Customers.Count == 0 && Tags.Count == 0 && Sites.Count == 0;

    /// <summary>Whether the target is inside. What the target does not tell does not match, and an empty scope contains everything.</summary>
    public bool Contains(AccessTarget target) =>
        (Customers.Count == 0 || (target.CustomerId is { } customer && Customers.Contains(customer)))
        && (Sites.Count == 0 || (target.SiteId is { } site && Sites.Contains(site)))
        && (Tags.Count == 0 || target.Tags.Any(Tags.Contains));
}

/// <summary>What an action is about. <see cref="Tenant"/>: the tenant as a whole, such as its programs or users.</summary>
public sealed record AccessTarget
{
    public static AccessTarget Tenant { get; } = new();

    public string? CustomerId { get; init; }
    public string? SiteId { get; init; }

    /// <summary>Of the site.</summary>
    public ValueList<string> Tags { get; init; } = [];

    public static AccessTarget From(Site site) => new() { CustomerId = site.CustomerId, SiteId = site.SiteId, Tags = site.Tags };
}

/// <summary>A role within a scope; a user or token has any number of them, and each counts by itself.</summary>
[method: JsonConstructor]
public sealed record AccessGrant(UserRole Role, AccessScope Scope)
{
    /// <summary>The role in the whole tenant; for customers and controller vendors, who need a scope, nothing.</summary>
    public AccessGrant(UserRole role)
        : this(role, AccessScope.Empty)
    {
    }
}

/// <summary>What the tenant has decided about access.</summary>
public sealed record AccessSettings
{
    /// <summary>Whether customers opt their own sites in and out.</summary>
    public bool CustomersMayOpt { get; init; }
}

/// <summary>Which sites a list may show: those inside any of the scopes; <see cref="Everything"/>: all of the tenant.</summary>
public sealed record SiteFilter(bool Everything, ValueList<AccessScope> AnyOf)
{
    public static SiteFilter All { get; } = new(true, []);

    public static SiteFilter Nothing { get; } = new(false, []);

    public bool IsNothing => !Everything && AnyOf.Count == 0;

    public bool Shows(AccessTarget target) => Everything || AnyOf.Any(s => s.Contains(target));
}
