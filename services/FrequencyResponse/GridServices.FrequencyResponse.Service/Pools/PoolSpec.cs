using System.Net;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>Contracts that are stacked on the same assets, ready to run. Immutable.</summary>
/// <param name="Id">Named by the first of its assets.</param>
/// <param name="SiteId">Where all of them are.</param>
/// <param name="Contracts">In the order they were put; a service's index in the controller.</param>
/// <param name="Assets">In order of their routes, so that a channel's set-points lie together; an asset's index in the plan.</param>
/// <param name="Sources">In order of preference; a sample's index in the controller.</param>
/// <param name="Config">The checked settings.</param>
/// <param name="Rules">How its power may be split.</param>
/// <param name="BaselineW">Power without response, W, + = injection.</param>
internal sealed record PoolSpec(
    EntryId Id, string SiteId, IReadOnlyList<PoolContract> Contracts, IReadOnlyList<PoolAsset> Assets, IReadOnlyList<string> Sources,
    ControllerConfig Config, AllocationRules Rules, double BaselineW)
{
    /// <summary>The same contracts at the same places: the state of one serves the other.</summary>
    public bool Continues(PoolSpec before) =>
        before.Contracts.Count <= Contracts.Count
        && before.Contracts.Zip(Contracts).All(p => p.First.Key == p.Second.Key && p.First.Service.Id == p.Second.Service.Id)
        && before.Sources.SequenceEqual(Sources);
}

/// <summary>A contract in its pool.</summary>
internal sealed record PoolContract(string Key, ContractSettings Settings, ServiceDefinition Service, long QuantityW)
{
    /// <summary>Most that its response comes to, W: the quantity, or more where the contract lets it.</summary>
    public long LargestW => (long)decimal.Ceiling(QuantityW * Math.Max(Settings.OverDelivery, Settings.Freedom?.OverFulfilment ?? 1));
}

/// <summary>An asset in its pool.</summary>
internal sealed record PoolAsset(string Key, AssetSettings Settings, AssetCapability Capability, IPEndPoint? Route);
