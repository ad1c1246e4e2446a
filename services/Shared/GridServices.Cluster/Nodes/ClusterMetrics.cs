using System.Diagnostics.Metrics;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Nodes;

/// <summary>What is measured of the cluster, as this node sees it.</summary>
internal sealed class ClusterMetrics
{
    private readonly Counter<long> _takenOver;
    private readonly Meter _meter;

    public ClusterMetrics(IMeterFactory meters, IPlacedWork work)
    {
        _meter = meters.Create("GridServices.Cluster");
        _takenOver = _meter.CreateCounter<long>("cluster.keys_taken_over", description: "Pieces of work that this node took over from nodes that died.");
        _meter.CreateObservableGauge("cluster.keys", () => work.RunningKeys.Count, description: "Pieces of work that run on this node.");
    }

    public void Watch(Func<int> nodes) => _meter.CreateObservableGauge("cluster.nodes", nodes, description: "Nodes that live, as this node sees it.");

    public void TookOver(long keys) => _takenOver.Add(keys);
}
