using GridServices.Hosting.Hub;

namespace GridServices.Cluster.Placement;

/// <summary>What this node itself has heard.</summary>
internal sealed record LocalHearing(IStreamHearing Of);
