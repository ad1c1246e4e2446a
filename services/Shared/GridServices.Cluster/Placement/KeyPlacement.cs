using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace GridServices.Cluster.Placement;

/// <summary>Places a key's grain on the node that <see cref="Rendezvous"/> gives it.</summary>
[Serializable]
internal sealed class KeyPlacement : PlacementStrategy
{
    internal static readonly KeyPlacement Instance = new();
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class KeyPlacementAttribute() : PlacementAttribute(KeyPlacement.Instance);

internal sealed class KeyPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(Rendezvous.Owner(target.GrainIdentity.Key.ToString()!, context.GetCompatibleSilos(target), silo => silo.ToParsableString()));
}
