using System.Net;
using System.Net.Sockets;

namespace GridServices.Hosting.Outbound;

/// <summary>
/// Which addresses a service may connect to where a user chose the URL: an address inside of the operator's own network would let the user reach what only the service can reach
/// (server-side request forgery). What is allowed by name wins over what is refused.
/// </summary>
/// <param name="refused">Each with what it is, in words.</param>
/// <param name="allowed">Networks that are reached all the same.</param>
public sealed class AddressRules(IReadOnlyList<(IPNetwork Network, string What)> refused, IReadOnlyList<IPNetwork> allowed)
{
    // IANA special-purpose address registries (RFC 6890): nothing of these is a host of the public internet.
    private static readonly (IPNetwork Network, string What)[] NotPublic =
    [
        .. Named("of this machine", "127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"),
        .. Named("of a private network", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10", "64:ff9b:1::/48"),
        .. Named("of the local link", "169.254.0.0/16", "fe80::/10"),
        .. Named("no single host", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32"),
        .. Named("reserved", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "100::/64", "2001:db8::/32"),
    ];

    private static readonly (IPNetwork Network, string What)[] NeverUtility =
    [
        .. Named("of the cloud's own metadata", "169.254.169.254/32", "fd00:ec2::254/128"),
        .. Named("no single host", "0.0.0.0/32", "::/128", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32"),
    ];

    // RFC 6052 and RFC 3056: addresses that carry an IPv4 address, in the bytes from there on.
    private static readonly (IPNetwork Network, int At)[] Carriers = [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>Servers of utilities: they may be in private networks and on the local link; only what can't be one is refused.</summary>
    public static AddressRules Utilities { get; } = new(NeverUtility, []);

    /// <summary>Hosts of the public internet, and those of the networks that are named.</summary>
    public static AddressRules Public(IReadOnlyList<IPNetwork> allowed) => new(NotPublic, allowed);

    /// <summary>Reads networks such as <c>10.20.0.0/16 ::1/128</c>, separated by spaces or commas.</summary>
    /// <param name="text">Null or empty: none.</param>
    /// <param name="fault">What is no network; null: all are.</param>
    public static IReadOnlyList<IPNetwork> Networks(string? text, out string? fault)
    {
        var networks = new List<IPNetwork>();
        fault = null;
        foreach (var word in (text ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(word, out var network))
            {
                networks.Add(network);
            }
            else
            {
                fault ??= word;
            }
        }

        return networks;
    }

    /// <summary>Why the address is not connected to, such as "of a private network"; null: it may be.</summary>
    public string? FindRefusal(IPAddress address)
    {
        var plain = ToIPv4(address);
        return allowed.Any(n => n.Contains(plain)) ? null : refused.FirstOrDefault(r => r.Network.Contains(plain)).What;
    }

    /// <summary>An IPv4 address that is written as IPv6 is the IPv4 address.</summary>
    private static IPAddress ToIPv4(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        // Without its scope: fe80::1%eth0 is in fe80::/10.
        var bare = new IPAddress(address.GetAddressBytes());
        var carrier = Carriers.FirstOrDefault(c => c.Network.Contains(bare));
        return carrier.At > 0 ? new IPAddress(bare.GetAddressBytes().AsSpan(carrier.At, 4)) : bare;
    }

    private static IEnumerable<(IPNetwork, string)> Named(string what, params string[] networks) => networks.Select(n => (IPNetwork.Parse(n), what));
}
