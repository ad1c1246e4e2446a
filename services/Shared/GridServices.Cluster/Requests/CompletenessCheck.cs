using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;

namespace GridServices.Cluster.Requests;

/// <summary>
/// Whether the parts of the nodes make a whole list: each stored key is with a node that is asked, and that node runs it. A list that leaves out what moves
/// just now reads as if it did not exist: 503 is answered instead.
/// </summary>
internal sealed class CompletenessCheck(IPlacedWork work, Placements placements, ClusterNode node)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>Where the keys of a tenant are, before the nodes are asked.</summary>
    /// <exception cref="ProblemException">503: one of them is with none of the nodes.</exception>
    public async Task<IReadOnlyDictionary<PlacedKey, HeldPlace>> RequireHeldAsync(string tenant, IReadOnlyCollection<string> asked, CancellationToken ct)
    {
        var held = await placements.HeldAsync(tenant, ct);
        var stored = (await work.KeysAsync(null, ct)).Where(key => key.Tenant == tenant).ToList();
        Require(FirstNotHeld(stored, held, asked));
        return stored.ToDictionary(key => key, key => held[key]);
    }

    /// <summary>What is with this node runs here, except what can't be read, which runs nowhere.</summary>
    /// <exception cref="ProblemException">503: one is being started.</exception>
    public async Task RequireRunningAsync(string tenant, CancellationToken ct)
    {
        var mine = (await placements.HeldAsync(tenant, ct)).Where(place => place.Value.Sessions == node.Sessions).Select(place => place.Key).ToHashSet();
        var stored = await work.KeysAsync(null, ct);
        Require(stored.Where(mine.Contains).Select(key => (PlacedKey?)key).FirstOrDefault(key => !work.Runs(key!.Value) && !work.IsUnreadable(key.Value)));
    }

    /// <summary>Nothing has moved while the nodes were asked.</summary>
    /// <exception cref="ProblemException">503: one has.</exception>
    public async Task RequireUnmovedAsync(string tenant, IReadOnlyDictionary<PlacedKey, HeldPlace> before, CancellationToken ct) =>
        Require(FirstMoved(before, await placements.HeldAsync(tenant, ct)));

    /// <summary>The first stored key that is with none of the runs of nodes; null: all are.</summary>
    internal static PlacedKey? FirstNotHeld(IEnumerable<PlacedKey> stored, IReadOnlyDictionary<PlacedKey, HeldPlace> held, IReadOnlyCollection<string> asked) =>
        stored.Select(key => (PlacedKey?)key).FirstOrDefault(key => !(held.TryGetValue(key!.Value, out var place) && asked.Contains(place.Sessions)));

    /// <summary>The first key that is not where it was, or was started anew there; null: all are.</summary>
    internal static PlacedKey? FirstMoved(IReadOnlyDictionary<PlacedKey, HeldPlace> before, IReadOnlyDictionary<PlacedKey, HeldPlace> after) =>
        before.Select(place => ((PlacedKey?)place.Key, place.Value)).FirstOrDefault(place => after.GetValueOrDefault(place.Item1!.Value) != place.Value).Item1;

    private void Require(PlacedKey? missing)
    {
        if (missing is { } key)
        {
            throw new ProblemException(ErrorClass.Unavailable, $"The {work.Title} '{key.Key}' is being started on a node of the cluster, so the list would not be whole; try again.") { RetryAfter = AskAgain };
        }
    }
}
