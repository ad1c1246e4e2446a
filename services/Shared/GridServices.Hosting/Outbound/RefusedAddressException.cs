using System.Net;

namespace GridServices.Hosting.Outbound;

/// <summary>A user's URL leads to an address that the service does not connect to.</summary>
/// <param name="host">As the URL names it.</param>
/// <param name="address">Where it leads.</param>
/// <param name="what">What that is, such as "of a private network".</param>
public sealed class RefusedAddressException(string host, IPAddress address, string what) : IOException($"{host} is {address}, which is {what}: it is not connected to unless its network is allowed in the service's settings")
{
    public IPAddress Address { get; } = address;
}
