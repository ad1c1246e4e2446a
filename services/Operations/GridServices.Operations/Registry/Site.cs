using GridServices.Wire;

namespace GridServices.Operations.Registry;

/// <summary>A place with one connection to the grid.</summary>
public sealed record Site : Entity
{
    /// <summary>Its id at the hub; fixed once anything was published or enrolled under it.</summary>
    public required string SiteId { get; init; }

    public required string CustomerId { get; init; }
    public required string Name { get; init; }
    public required Address Address { get; init; }
    public GeoPoint? Geo { get; init; }

    /// <summary>IANA.</summary>
    public required string TimeZone { get; init; }

    public required SiteConnection Connection { get; init; }

    /// <summary>What the connection's limit rests on while <see cref="Connection"/> leaves out what it said before; null = on <see cref="Connection"/> itself.</summary>
    public SiteConnection? HeldConnection { get; init; }

    /// <summary>W that is never shed; null = not known, so nobody may count on any part of the load being free to shed.</summary>
    public long? CriticalLoadW { get; init; }

    public ValueList<string> Tags { get; init; } = [];
    public ValueList<ExternalRef> ExternalRefs { get; init; } = [];
}

/// <summary>A postal address; <see cref="Country"/> is ISO 3166 alpha-2.</summary>
public sealed record Address(string Line1, string? Line2, string City, string? Region, string Postcode, string Country);

/// <summary>WGS 84 degrees, north and east positive.</summary>
public sealed record GeoPoint(decimal Latitude, decimal Longitude);

/// <summary>The site's name in somebody else's books, such as (storeNo, 4711).</summary>
public sealed record ExternalRef(string Name, string Value);
