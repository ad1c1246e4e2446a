using GridServices.Ieee2030Dot5.Identity;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>Servers of IEEE 2030.5 as DNS-SD tells of them (RFC 6763; IEEE 2030.5-2018 clause 7): a hint where to ask, and no word on whom to trust.</summary>
public static class SmartEnergyServers
{
    private const int MostServers = 32;

    /// <summary>The name under which the servers of a domain are found.</summary>
    /// <param name="domain"><c>local</c> by multicast, <c>site</c> by that of the home area network, else a domain of unicast DNS.</param>
    public static DnsName ServiceIn(string domain) => DnsName.Parse($"_smartenergy._tcp.{domain}");

    /// <summary>The name under which the servers that know an EndDevice are found (7.5: the SFDI with its twelve digits).</summary>
    public static DnsName ServiceFor(Sfdi sfdi, string domain)
    {
        ArgumentNullException.ThrowIfNull(sfdi);
        return DnsName.Parse($"edev-{sfdi.Text}._sub._smartenergy._tcp.{domain}");
    }

    /// <summary>What is still to be asked: where instances are, what they say, and the addresses of their hosts.</summary>
    public static IReadOnlyList<(DnsName Name, DnsKind Kind)> Missing(DnsName service, IReadOnlyList<DnsRecord> records)
    {
        var hosts = Instances(service, records).Select(i => FindService(i, records)?.Target).OfType<DnsName>().Distinct().Where(h => !records.OfType<DnsRecord.Address>().Any(a => a.Name.Equals(h)));
        return
        [
            .. Instances(service, records).Where(i => FindService(i, records) is null).Select(i => (i, DnsKind.Service)),
            .. Instances(service, records).Where(i => !records.OfType<DnsRecord.Text>().Any(t => t.Name.Equals(i))).Select(i => (i, DnsKind.Text)),
            .. hosts.SelectMany(h => new[] { (h, DnsKind.Address4), (h, DnsKind.Address6) }),
        ];
    }

    /// <summary>The servers that these records tell of wholly, those of https first, and why others are left out.</summary>
    public static (IReadOnlyList<SmartEnergyServer> Servers, IReadOnlyList<string> LeftOut) Read(DnsName service, IReadOnlyList<DnsRecord> records)
    {
        var (servers, leftOut) = (new List<SmartEnergyServer>(), new List<string>());
        foreach (var instance in Instances(service, records))
        {
            var text = records.OfType<DnsRecord.Text>().FirstOrDefault(t => t.Name.Equals(instance));
            if (FindService(instance, records) is not { } at || text is null)
            {
                leftOut.Add($"{instance}: where it is, or what it says of itself, was not told");
            }
            else if (!IsHost(at.Target))
            {
                leftOut.Add($"{instance}: its host is no name of a host");
            }
            else if (SmartEnergyText.Read(text.Strings, out var why) is { } said)
            {
                servers.Add(new SmartEnergyServer(
                    instance.Labels[0], at.Target.ToString(), said, [.. records.OfType<DnsRecord.Address>().Where(a => a.Name.Equals(at.Target)).Select(a => a.Bytes).Distinct().Take(8)]));
            }
            else
            {
                leftOut.Add($"{instance}: {why}");
            }
        }

        return ([.. servers.OrderBy(s => s.Url is null).ThenBy(s => s.Instance, StringComparer.OrdinalIgnoreCase)], leftOut);
    }

    // Whoever answers for another service is none of these.
    private static List<DnsName> Instances(DnsName service, IReadOnlyList<DnsRecord> records)
    {
        var plain = service.Labels.Count > 2 && service.Labels[1].Equals("_sub", StringComparison.OrdinalIgnoreCase) ? new DnsName([.. service.Labels.Skip(2)]) : service;
        return [.. records.OfType<DnsRecord.Pointer>().Where(p => p.Name.Equals(service) && p.Target.IsDirectlyBelow(plain)).Select(p => p.Target).Distinct().Take(MostServers)];
    }

    private static DnsRecord.Service? FindService(DnsName instance, IReadOnlyList<DnsRecord> records) =>
        records.OfType<DnsRecord.Service>().Where(s => s.Name.Equals(instance)).OrderBy(s => s.Priority).ThenByDescending(s => s.Weight).FirstOrDefault();

    private static bool IsHost(DnsName name) => name.Labels.Count > 0 && name.Labels.All(l => l.Length > 0 && l[0] != '-' && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}

/// <summary>A server that was found.</summary>
/// <param name="Instance">The name it is known by, such as device-000001111114.</param>
/// <param name="Host">Its host.</param>
/// <param name="Text">What it says of itself.</param>
/// <param name="Addresses">Of the host, byte by byte, as far as they were told.</param>
public sealed record SmartEnergyServer(string Instance, string Host, SmartEnergyText Text, IReadOnlyList<ValueList<byte>> Addresses)
{
    /// <summary>The URL of DeviceCapability; null: it speaks plain http alone.</summary>
    public string? Url => Text.HttpsPort is { } port ? $"https://{Host}{(port == 443 ? string.Empty : $":{port}")}{Text.DeviceCapability}" : null;
}
