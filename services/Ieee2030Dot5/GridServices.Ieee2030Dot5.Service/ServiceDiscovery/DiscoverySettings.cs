using System.Net;
using GridServices.Hosting.Configuration;

namespace GridServices.Ieee2030Dot5.Service.ServiceDiscovery;

/// <summary>Whom to ask for servers of IEEE 2030.5.</summary>
internal sealed record DiscoverySettings : ISettings
{
    private const int DnsPort = 53;

    public static string Section => "ServiceDiscovery";

    /// <summary>IP address of a DNS server, with a port where it is not 53; null: the machine's own. Domains <c>local</c> and <c>site</c> are asked for by multicast.</summary>
    public string? Resolver
    {
        get;
        init => field = value is { Length: > 0 } ? value : null;
    }

    /// <summary>So long answers are waited for, in milliseconds, in each of up to four turns.</summary>
    public int WaitMilliseconds { get; init; } = 1_000;

    /// <summary>The resolver as an address; null: none is set.</summary>
    public IPEndPoint? ResolverAt() => Resolver is not null && IPEndPoint.TryParse(Resolver, out var at) ? new IPEndPoint(at.Address, at.Port == 0 ? DnsPort : at.Port) : null;

    public IEnumerable<string> Validate() =>
    [
        .. Resolver is null || ResolverAt() is not null ? Array.Empty<string>() : [$"ServiceDiscovery:Resolver '{Resolver}' is no IP address, with a port or without, e.g. 192.0.2.53."],
        .. Bounds.Within("ServiceDiscovery:WaitMilliseconds", WaitMilliseconds, 50, 10_000),
    ];
}
