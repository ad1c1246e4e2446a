
namespace GridServices.Cluster.Placement;

/// <summary>The nodes that live, as this one sees them, and which of them a key belongs to.</summary>
internal sealed class LiveNodes(ISiloStatusOracle oracle, ILocalSiloDetails local, TimeProvider time)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<SiloAddress> _live = [];
    private long _since;

    private volatile bool _leaves;

    /// <summary>This node ends: nothing is started here any more.</summary>
    public bool Leaves => _leaves;

    public SiloAddress Me => local.SiloAddress;

    /// <summary>Those that take part now, in one order on all of them.</summary>
    public IReadOnlyList<SiloAddress> Now()
    {
        SiloAddress[] live = [.. oracle.GetApproximateSiloStatuses(onlyActive: true).Keys.Order()];
        lock (_gate)
        {
            if (!live.SequenceEqual(_live))
            {
                (_live, _since) = (live, time.GetTimestamp());
            }

            return _live;
        }
    }

    public void Leave() => _leaves = true;

    /// <summary>For how long they have been the same.</summary>
    public TimeSpan Unchanged
    {
        get
        {
            lock (_gate)
            {
                return time.GetElapsedTime(_since);
            }
        }
    }

    /// <summary>True where the key is this node's; false as long as no node is known to live.</summary>
    public bool IsMine(string key) => Now() is { Count: > 0 } live && Rendezvous.Owner(key, live, silo => silo.ToParsableString()).Equals(Me);
}
