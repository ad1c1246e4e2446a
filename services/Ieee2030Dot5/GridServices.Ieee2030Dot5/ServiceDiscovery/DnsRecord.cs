using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>What one record of a DNS answer says, as far as services are found by it (RFC 6763).</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Lives">Its time to live.</param>
public abstract record DnsRecord(DnsName Name, Duration Lives)
{
    /// <summary>A service's name leads to an instance.</summary>
    public sealed record Pointer(DnsName Name, Duration Lives, DnsName Target) : DnsRecord(Name, Lives);

    /// <summary>Where an instance is (RFC 2782): the lower priority goes first.</summary>
    public sealed record Service(DnsName Name, Duration Lives, ushort Priority, ushort Weight, ushort Port, DnsName Target) : DnsRecord(Name, Lives);

    /// <summary>What an instance says of itself, string by string, as sent.</summary>
    public sealed record Text(DnsName Name, Duration Lives, ValueList<string> Strings) : DnsRecord(Name, Lives);

    /// <summary>The address of a host: 4 bytes of IPv4, or 16 of IPv6.</summary>
    public sealed record Address(DnsName Name, Duration Lives, ValueList<byte> Bytes) : DnsRecord(Name, Lives);
}

/// <summary>An answer of DNS.</summary>
/// <param name="Id">Of the question; 0 from multicast.</param>
/// <param name="Code">0: in order; 3: there is no such name.</param>
/// <param name="IsTruncated">True: there was more than the message could hold.</param>
/// <param name="Records">Those of kinds that are of use here, answers first.</param>
public sealed record DnsAnswer(ushort Id, int Code, bool IsTruncated, IReadOnlyList<DnsRecord> Records);
