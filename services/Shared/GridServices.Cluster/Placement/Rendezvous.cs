using System.IO.Hashing;
using System.Text;

namespace GridServices.Cluster.Placement;

/// <summary>
/// Which of several nodes runs a key, worked out alike by all of them: the one whose name and the key hash highest. When a node goes only its keys move,
/// evenly to the others; when one comes only those that are its own move to it. Source: rendezvous hashing (Thaler, Ravishankar 1998).
/// </summary>
internal static class Rendezvous
{
    /// <exception cref="ArgumentException">There is no node.</exception>
    public static T Owner<T>(string key, IReadOnlyList<T> nodes, Func<T, string> name)
    {
        if (nodes.Count == 0)
        {
            throw new ArgumentException("There is no node.", nameof(nodes));
        }

        var (best, highest) = (nodes[0], ulong.MinValue);
        foreach (var node in nodes)
        {
            var weight = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{name(node)}\n{key}"));
            if (weight >= highest)
            {
                (best, highest) = (node, weight);
            }
        }

        return best;
    }
}
