using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Walk;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Which of the resources that a client reads a notification is about, however the server spells it.</summary>
internal static class Notified
{
    /// <summary>Empty: none. The same resource under the EndDevice of another index of ours counts where no resource is named so exactly.</summary>
    public static IReadOnlyList<Node> Nodes(DerClientState state, string path)
    {
        var wanted = Plain(path);
        var exact = state.Nodes.Values.Where(n => Plain(n.Href) == wanted).ToList();
        if (exact.Count > 0)
        {
            return exact;
        }

        var owners = Owners(state);
        return owners.FirstOrDefault(o => IsUnder(wanted, o)) is { } named
            ? [.. state.Nodes.Values.Where(n => owners.Any(o => o + wanted[named.Length..] == Plain(n.Href)))]
            : [];
    }

    // The paths of our EndDevices, and the one that stands for the client itself (an aggregator's 0), longest first.
    private static List<string> Owners(DerClientState state)
    {
        var listed = Tree.First(state, NodeKind.EndDeviceList) is { } list
            ? ((list.Known as EndDeviceList)?.Readable ?? []).Select(d => d.Href).OfType<string>().Append($"{Plain(list.Href)}/0")
            : [];
        return [.. listed.Concat(state.Devices.Values.SelectMany(d => new[] { d.Known, d.Location }).OfType<string>())
            .Select(Plain).Where(p => p.Length > 1).Distinct(StringComparer.Ordinal).OrderByDescending(p => p.Length)];
    }

    private static bool IsUnder(string path, string owner) => path.StartsWith(owner, StringComparison.Ordinal) && path.Length > owner.Length && path[owner.Length] == '/';

    // A trailing slash or a query names no other resource.
    private static string Plain(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        return (end < 0 ? path : path[..end]).TrimEnd('/');
    }
}
