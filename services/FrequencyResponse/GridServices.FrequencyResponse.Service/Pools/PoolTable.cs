using System.Collections.Immutable;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>The pools that run; the hot threads read it, the fleet swaps it.</summary>
internal sealed class PoolTable
{
    private volatile Pool[] _all = [];
    private volatile ImmutableDictionary<EntryId, SourceTarget[]> _bySource = ImmutableDictionary<EntryId, SourceTarget[]>.Empty;

    /// <summary>Never changed in place.</summary>
    public Pool[] All => _all;

    /// <summary>The pools that a source drives, each with the source's index there.</summary>
    public SourceTarget[] DrivenBy(EntryId source) => _bySource.TryGetValue(source, out var targets) ? targets : [];

    public Pool? Find(EntryId id) => Array.Find(_all, p => p.Spec.Id == id);

    /// <summary>The pool that a contract runs in.</summary>
    public Pool? FindByContract(EntryId contract) =>
        Array.Find(_all, p => p.Spec.Id.Tenant == contract.Tenant && p.Spec.Contracts.Any(c => c.Key == contract.Key));

    public void Set(IReadOnlyCollection<Pool> pools)
    {
        _bySource = pools
            .SelectMany(p => p.Spec.Sources.Select((source, index) => (Source: new EntryId(p.Spec.Id.Tenant, source), Target: new SourceTarget(p, (byte)index))))
            .GroupBy(t => t.Source)
            .ToImmutableDictionary(g => g.Key, g => g.Select(t => t.Target).ToArray());
        _all = [.. pools];
    }
}

/// <summary>A pool that a source drives.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Index">The source's place in it.</param>
internal readonly record struct SourceTarget(Pool Pool, byte Index);
