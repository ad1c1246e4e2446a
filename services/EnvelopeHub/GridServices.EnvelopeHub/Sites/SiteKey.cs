namespace GridServices.EnvelopeHub.Sites;

/// <summary>A site of a tenant. Two tenants may use the same site id; they never meet.</summary>
public readonly record struct SiteKey(string Tenant, string SiteId) : IComparable<SiteKey>
{
    /// <summary>Ordinal, tenant first: the order in which rows are locked, so that two nodes never wait for one another.</summary>
    public int CompareTo(SiteKey other)
    {
        var byTenant = string.CompareOrdinal(Tenant, other.Tenant);
        return byTenant != 0 ? byTenant : string.CompareOrdinal(SiteId, other.SiteId);
    }

    public override string ToString() => $"{Tenant}/{SiteId}";

    public static bool operator <(SiteKey left, SiteKey right) => left.CompareTo(right) < 0;

    public static bool operator >(SiteKey left, SiteKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(SiteKey left, SiteKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SiteKey left, SiteKey right) => left.CompareTo(right) >= 0;
}
