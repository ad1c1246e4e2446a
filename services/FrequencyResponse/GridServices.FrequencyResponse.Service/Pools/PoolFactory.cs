using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>Groups the contracts of a tenant into pools by their assets, and makes each ready to run.</summary>
internal static class PoolFactory
{
    /// <summary>The pools of all entries that were taken; an entry that fits no more (rules of a newer version) leaves its pool out and is told.</summary>
    public static IReadOnlyList<PoolSpec> CreateAll(Entries entries, FrequencyCatalog catalog, Instant now, Action<EntryId, string> refused)
    {
        var pools = new List<PoolSpec>();
        foreach (var group in entries.Contracts.GroupBy(c => (c.Id.Tenant, Pool: GetPoolName(c.Settings))))
        {
            var faults = new ConfigFaults();
            if (Create(group.Key.Tenant, [.. group], entries, catalog, faults, now) is { } pool)
            {
                pools.Add(pool);
            }
            else
            {
                refused(group.First().Id, string.Join("; ", faults.All.Select(f => $"{f.Pointer} {f.Detail}")));
            }
        }

        return pools;
    }

    /// <summary>A pool is named by the first of its assets.</summary>
    public static string GetPoolName(ContractSettings contract) => contract.Assets.Min(StringComparer.Ordinal)!;

    /// <param name="tenant">Whose.</param>
    /// <param name="contracts">On the same assets and sources, each checked by <see cref="ContractRules"/>.</param>
    /// <param name="entries">Where assets and sources stand.</param>
    /// <param name="catalog">The services.</param>
    /// <param name="faults">Why there is none.</param>
    /// <param name="now">With what is left of them then; absent: as they were sold.</param>
    public static PoolSpec? Create(string tenant, IReadOnlyList<ContractEntry> contracts, Entries entries, FrequencyCatalog catalog, ConfigFaults faults, Instant? now = null)
    {
        var first = contracts[0].Settings;
        var assets = first.Assets.Where(a => entries.Assets.ContainsKey(new EntryId(tenant, a)))
            .Select(a => PoolParts.Asset(a, entries.Assets[new EntryId(tenant, a)]))
            .OrderBy(a => a.Route?.ToString(), StringComparer.Ordinal).ThenBy(a => a.Settings.Setpoint?.Number).ThenBy(a => a.Key, StringComparer.Ordinal).ToList();
        var sources = first.Sources.Where(s => entries.Sources.ContainsKey(new EntryId(tenant, s))).ToList();
        var inside = contracts.Select(c => Inside(c, catalog, faults) is { } sold ? (now is { } at ? sold.Under(entries.GetOutages(c.Id), at) : sold) : null).OfType<PoolContract>().ToList();
        faults.Unless(assets.Count == first.Assets.Count, "/assets", "an asset is not there any more");
        faults.Unless(sources.Count == first.Sources.Count, "/sources", "a source is not there any more");
        if (faults.Any)
        {
            return null;
        }

        var settings = new ControllerSettings
        {
            Sources = sources.Select(s => PoolParts.Source(s, entries.Sources[new EntryId(tenant, s)])).ToValueList(),
            Contracts = inside.Select(PoolParts.Contract).ToValueList(),
            Energy = PoolParts.Energy(inside, assets),
            LeaseRequired = true,
        };
        var build = ControllerConfig.Build(settings);
        foreach (var fault in build.Faults)
        {
            faults.Add(ToPointer(fault.Path), fault.Detail);
        }

        var baseline = Baseline(contracts, assets, faults);
        return build.Config is null || faults.Any
            ? null
            : new PoolSpec(new EntryId(tenant, GetPoolName(first)), first.SiteId, inside, assets, sources, build.Config, Rules(inside), baseline)
            {
                Ahead = Ahead(settings, inside) ?? build.Config,
            };
    }

    /// <summary>A de-rating that holds now ends: what comes after it needs the energy of the whole quantity. Null: none holds.</summary>
    private static ControllerConfig? Ahead(ControllerSettings settings, IReadOnlyList<PoolContract> inside) => inside.All(c => c.QuantityW == c.SoldW)
        ? null
        : ControllerConfig.Build(settings with { Contracts = inside.Select(c => PoolParts.Contract(c with { QuantityW = c.SoldW })).ToValueList() }).Config;

    /// <summary>
    /// Power without response, W, + = injection. A charger states its own, a contract that of its batteries; where there is no battery, a contract may only say the same again.
    /// </summary>
    private static double Baseline(IReadOnlyList<ContractEntry> contracts, IReadOnlyList<PoolAsset> assets, ConfigFaults faults)
    {
        var stated = assets.Sum(a => a.Settings.BaselineW);
        if (stated != 0 && assets.All(a => a.Settings.Kind != Registry.AssetKind.Bess))
        {
            foreach (var contract in contracts.Where(c => c.Settings.BaselineW != 0 && c.Settings.BaselineW != stated))
            {
                faults.Add("/baselineW", $"contract {contract.Id.Key} states {contract.Settings.BaselineW} W, its assets {string.Join(", ", assets.Where(a => a.Settings.BaselineW != 0).Take(5).Select(a => $"{a.Key} {a.Settings.BaselineW} W"))} state {stated} W in sum; leave baselineW out of the contract, or state the sum");
            }

            return -stated;
        }

        return -(double)(contracts.Sum(c => c.Settings.BaselineW) + stated);
    }

    internal static PoolContract? Inside(ContractEntry entry, FrequencyCatalog catalog, ConfigFaults faults) =>
        catalog.FindService(entry.Settings, faults) is { } service && ContractRules.Quantity(entry.Settings) is { } quantity
            ? new PoolContract(entry.Id.Key, entry.Settings, service, quantity)
            : null;

    private static AllocationRules Rules(IReadOnlyList<PoolContract> contracts) => new()
    {
        ContractedRaiseW = contracts.Where(c => c.Service.Direction != ResponseDirection.Lower).Sum(c => c.QuantityW),
        ContractedLowerW = contracts.Where(c => c.Service.Direction != ResponseDirection.Raise).Sum(c => c.QuantityW),
        MinSteps = (int)contracts.Max(c => c.Service.Value(NumberNames.MinSteps) ?? 0),
    };

    /// <summary><c>contracts[0].windows[2]</c> → <c>/windows/2</c>: the contract is known.</summary>
    private static string ToPointer(string path)
    {
        var member = path.StartsWith("contracts[", StringComparison.Ordinal) ? path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..] : path;
        return "/" + member.Replace("[", "/", StringComparison.Ordinal).Replace("]", string.Empty, StringComparison.Ordinal).Replace('.', '/');
    }
}
