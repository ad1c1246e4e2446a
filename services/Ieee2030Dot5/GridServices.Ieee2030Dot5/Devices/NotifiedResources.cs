using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Which of the resources that a client reads a notification is about, however the server spells it.</summary>
internal static class NotifiedResources
{
    /// <summary>
    /// Empty: none. Where no resource is named so exactly, one under the EndDevice that stands for the client itself (an aggregator's 0) means that of
    /// each device; and a client of one device is meant by whichever of its names.
    /// </summary>
    public static IReadOnlyList<Node> Nodes(DerClientState state, string path)
    {
        var wanted = Normalize(path);
        var exact = state.Nodes.Values.Where(n => Normalize(n.Href) == wanted).ToList();
        if (exact.Count > 0)
        {
            return exact;
        }

        var client = TreeLookup.First(state, NodeKind.EndDeviceList) is { } list ? $"{Normalize(list.Href)}/0" : null;
        var owners = Owners(state);
        var names = state.Devices.Values.Count(d => !d.Retired) == 1 ? owners.Append(client) : [client];
        if (names.FirstOrDefault(n => n is not null && IsUnder(wanted, n)) is not { } named)
        {
            return [];
        }

        var meant = owners.Select(o => o + wanted[named.Length..]).ToHashSet(StringComparer.Ordinal);
        return [.. state.Nodes.Values.Where(n => meant.Contains(Normalize(n.Href)))];
    }

    /// <summary>The lists that hold what is named, where that is no resource of its own here: by the addresses of their items, or by the path above it.</summary>
    public static IReadOnlyList<Node> FindLists(DerClientConfig config, DerClientState state, string path)
    {
        var wanted = Normalize(path);
        var holding = state.Nodes.Values.Where(n => n.Known is { } known && ListPaging.FindFacts(known)?.Keys.Any(k =>
            k is not null && Hrefs.TryPin(config.ServerUrl, n.Href, k, out var item, out _) && Normalize(item) == wanted) == true).ToList();
        var above = wanted.LastIndexOf('/') is > 0 and var end ? wanted[..end] : null;
        return holding.Count > 0 ? holding : [.. state.Nodes.Values.Where(n => Normalize(n.Href) == above && n.Known is { } known && ListPaging.FindFacts(known) is not null)];
    }

    /// <summary>A trailing slash, a query or an escape that needs none names no other resource.</summary>
    public static string Normalize(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var bare = end < 0 && !path.EndsWith('/') ? path : (end < 0 ? path : path[..end]).TrimEnd('/');
        return bare.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(bare) : bare;
    }

    // The paths of our EndDevices.
    private static List<string> Owners(DerClientState state)
    {
        var listed = (TreeLookup.First(state, NodeKind.EndDeviceList)?.Known as EndDeviceList)?.Readable.Select(d => d.Href) ?? [];
        return [.. listed.Concat(state.Devices.Values.SelectMany(d => new[] { d.Known, d.Location })).OfType<string>()
            .Select(Normalize).Where(p => p.StartsWith('/')).Distinct(StringComparer.Ordinal)];
    }

    private static bool IsUnder(string path, string owner) => path.StartsWith(owner, StringComparison.Ordinal) && path.Length > owner.Length && path[owner.Length] == '/';
}
