using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GridServices.EnvelopeHub.History;

/// <summary>How many sites there are, and a sum over their names: nothing but that is left of a site whose own row is gone.</summary>
/// <param name="Sites">The sites of all tenants.</param>
/// <param name="Names">The sum of 40 bits of each name's hash, in any order; null: not known.</param>
public sealed record SiteCensus(long Sites, long? Names)
{
    /// <summary>8 million sites add up to less than 2^63.</summary>
    private const int NameBits = 40;

    /// <summary>No site.</summary>
    public static SiteCensus None { get; } = new(0, 0);

    /// <summary>One site more.</summary>
    public SiteCensus With(string tenant, string site) => new(Sites + 1, Names + HashName(tenant, site));

    /// <summary>Whether both can be of the same sites; a sum that is not known is taken as the other one's.</summary>
    public bool Fits(SiteCensus other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Sites == other.Sites && (Names is null || other.Names is null || Names == other.Names);
    }

    // Neither a tenant nor a site has a line end in its name.
    private static long HashName(string tenant, string site) =>
        (long)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{site}"))) >> (64 - NameBits));
}
