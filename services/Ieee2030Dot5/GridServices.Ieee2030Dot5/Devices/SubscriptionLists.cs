using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>The server's lists of subscriptions as read in this run: the client's own EndDevice's, else one for each device.</summary>
internal sealed class SubscriptionLists
{
    private readonly List<(Node Node, string Owner)> _lists;

    private SubscriptionLists(List<(Node, string)> lists, HashSet<string> held) => (_lists, Held) = (lists, held);

    /// <summary>What they hold subscriptions of ours to, to the address in use, by plain paths.</summary>
    public HashSet<string> Held { get; }

    /// <summary>Null: none was read yet, or there are none.</summary>
    public static SubscriptionLists? Create(DerClientConfig config, DerClientState state)
    {
        var lists = state.Nodes.Values
            .Where(n => n is { Kind: NodeKind.SubscriptionList, Known: SubscriptionList } && state.Line.Readings.GetValueOrDefault(n.Key)?.ReadAt is not null)
            .Select(n => (n, GetOwner(n.Href))).ToList();
        return lists.Count == 0 ? null : new SubscriptionLists(lists, lists.SelectMany(l => Ours(config, l.n)).Select(s => s.Resource).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Where a subscription to this belongs: to the EndDevice under which it stands, else to the first.</summary>
    public string For(string href) =>
        (_lists.Count == 1 ? _lists[0] : _lists.FirstOrDefault(l => href.StartsWith(l.Owner, StringComparison.Ordinal), _lists[0])).Node.Href;

    /// <summary>Subscriptions of a list to the address in use, in its order.</summary>
    public static IEnumerable<(string Resource, string? Href)> Ours(DerClientConfig config, Node list) => Of(config, list, config.Subscriptions.NotificationUrl);

    /// <summary>Subscriptions of a list to an address, in its order.</summary>
    public static IEnumerable<(string Resource, string? Href)> Of(DerClientConfig config, Node list, string? address) =>
        from s in ((SubscriptionList)list.Known!).Readable
        where s.NotificationUri == address
        let resource = FindPath(config, list, s.SubscribedResource)
        where resource is not null
        select (resource, FindPath(config, list, s.Href));

    /// <summary>Plain; null: none, or nothing of this server.</summary>
    public static string? FindPath(DerClientConfig config, Node list, string? href) =>
        href is not null && Hrefs.TryPin(config.ServerUrl, list.Href, href, out var path, out _) ? NotifiedResources.Normalize(path) : null;

    // /edev/3/sub belongs to what stands under /edev/3/
    private static string GetOwner(string href) => NotifiedResources.Normalize(href) is var plain && plain.LastIndexOf('/') is > 0 and var end ? plain[..(end + 1)] : "/";
}
