using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.Pools;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>When a contract can be kept with the assets and sources it names. Every rule is checked, none stops the others.</summary>
internal sealed class ContractRules(EntryId id, ContractSettings contract, Entries entries, FrequencyCatalog catalog)
{
    private const int MostWindows = 1_024;
    private const int MostAssets = 20_000;
    private readonly ConfigFaults _faults = new();
    private readonly List<string> _warnings = [];

    public static ContractVerdict Check(EntryId id, ContractSettings contract, Entries entries, FrequencyCatalog catalog)
    {
        var rules = new ContractRules(id, contract, entries, catalog);
        rules.Run();
        return new ContractVerdict(rules._faults.All, rules._warnings);
    }

    /// <summary>In whole W; null where it is stated twice or not at all.</summary>
    public static long? Quantity(ContractSettings contract) =>
        contract.QuantityW is { } watts && contract.QuantityMw is null ? watts
        : contract.QuantityW is null && contract.QuantityMw is { } mw && Math.Abs(mw) < 1_000_000m ? (long)decimal.Truncate(mw * 1_000_000m)
        : null;

    private void Run()
    {
        _faults.Identifier("/siteId", contract.SiteId);
        var service = catalog.FindService(contract, _faults);
        var quantity = Amount(service);
        Windows();
        CheckProduct(service, quantity);
        Prices();
        var assets = Assets();
        var sources = Sources(service);
        _faults.Unless(contract.SettlementPeriod is not { } period || (period >= Duration.FromMinutes(1) && period <= Duration.FromHours(4)),
            "/settlementPeriod", "must be between PT1M and PT4H");
        _faults.Unless(contract.Outages is not { } outages || (outages.Notice >= Duration.Zero && outages.Notice <= Duration.FromDays(31)),
            "/outages/notice", "must be between PT0S and P31D");
        _faults.Unless(contract.TotalDelay is not { } delay || (delay >= Duration.Zero && delay <= Duration.FromSeconds(60)),
            "/totalDelay", "must be between PT0S and PT1M");
        _faults.Unless(contract.Delivery != DeliveryKind.Droop || service?.Curve is not null, "/delivery", "the service has no curve by frequency; write setpoint");
        if (service is not null)
        {
            ResponseRules.Check(contract, service, StoreWh(assets), _faults);
        }

        if (_faults.Any || service is null || quantity is not { } watts)
        {
            return;
        }

        Admission(service, assets, sources);
        Pool(service, watts, assets);
    }

    private long? Amount(ServiceDefinition? service)
    {
        var quantity = Quantity(contract);
        if (quantity is null)
        {
            _faults.Add(ErrorClass.SemanticNumber, "/quantityW", "write either quantityW (W) or quantityMw (MW)");
            return null;
        }

        var most = (long)(service?.Value(NumberNames.MaxQuantityWatts) ?? AssetRules.MostW);
        _faults.Unless(quantity > 0 && quantity <= most, contract.QuantityW is null ? "/quantityMw" : "/quantityW", $"must be between 1 and {most} W", ErrorClass.SemanticNumber);
        return quantity;
    }

    private void Windows()
    {
        var windows = contract.Windows;
        _faults.Unless(windows.Count is > 0 and <= MostWindows, "/windows",
            $"1 to {MostWindows} windows; for one without an end write [{{\"from\":\"2027-01-01T00:00:00Z\",\"until\":null}}]", ErrorClass.SemanticWindow);
        for (var i = 0; i < windows.Count; i++)
        {
            var (from, until) = windows[i];
            _faults.Unless(until is not { } end || end > from, $"/windows/{i}/until", "must be after from", ErrorClass.SemanticWindow);
            _faults.Unless(until is not null || i == windows.Count - 1, $"/windows/{i}/until", "no end is for the last window only", ErrorClass.SemanticWindow);
            _faults.Unless(i == 0 || windows[i - 1].Until is not { } before || before <= from, $"/windows/{i}/from", "windows must be sorted and not overlap", ErrorClass.SemanticOverlap);
        }
    }

    /// <summary>What the service's market takes: in this form at that time, in whole windows, no less than its least size.</summary>
    private void CheckProduct(ServiceDefinition? service, long? quantity)
    {
        if (service is null)
        {
            return;
        }

        if (service.Value(NumberNames.MinQuantityWatts) is { } least && quantity is > 0 && quantity < least)
        {
            _faults.Add(ErrorClass.SemanticNumber, contract.QuantityW is null ? "/quantityMw" : "/quantityW",
                $"{service.Id} is sold from {least:0} W on; pool more assets, or replace minQuantityWatts in Catalog:Overrides where it is wrong");
        }

        for (var i = 0; i < contract.Windows.Count; i++)
        {
            var (from, until) = contract.Windows[i];
            if (service.Validity is { } validity && !validity.Covers(from, until))
            {
                var fit = catalog.Services.FormAt(service, from, until);
                _faults.Add(ErrorClass.SemanticWindow, $"/windows/{i}",
                    $"{service.Id} is sold in this form {validity} ({validity.Source}); {(fit is null ? "split or move the window" : $"{fit.Id} is the form of that time")}");
            }

            // Windows without an end are for lasting contracts: each market's own blocks follow one another in them.
            if (service.Value(NumberNames.WindowSeconds) is { } block && until is { } end && (end - from).TotalSeconds % block != 0)
            {
                _faults.Add(ErrorClass.SemanticWindow, $"/windows/{i}", $"{service.Id} is sold in windows of {block:0} s; make it a whole number of them");
            }
        }
    }

    private void Prices()
    {
        if (contract.Price is { } price)
        {
            _faults.Unless(price.Currency.Length == 3 && price.Currency.All(char.IsAsciiLetterUpper), "/price/currency", "an ISO 4217 code, e.g. GBP", ErrorClass.Unit);
        }

        if (contract.Penalties is { } terms)
        {
            _faults.Unless(contract.Price is not null, "/penalties", "state price, too: its currency is that of the penalties");
            _faults.Unless(terms.Source.Trim().Length is > 0 and <= 500, "/penalties/source", "where the terms say so, 1 to 500 characters");
            foreach (var (name, value) in new[] { ("unavailablePerMwHour", terms.UnavailablePerMwHour), ("unavailableTimesPayment", terms.UnavailableTimesPayment),
                ("latePerMwHour", terms.LatePerMwHour), ("lateTimesPayment", terms.LateTimesPayment) })
            {
                _faults.Between(value, 0, 1_000_000, $"/penalties/{name}", string.Empty);
            }
        }

        if (contract.Connection is { } connection)
        {
            _faults.Between(connection.ImportW ?? 0, 0, AssetRules.MostW, "/connection/importW", "W");
            _faults.Between(connection.ExportW ?? 0, 0, AssetRules.MostW, "/connection/exportW", "W");
        }

        _faults.Between(contract.BaselineW, -AssetRules.MostW, AssetRules.MostW, "/baselineW", "W");
    }

    private List<PoolAsset> Assets()
    {
        var assets = new List<PoolAsset>();
        _faults.Unless(contract.Assets.Count is > 0 and <= MostAssets, "/assets", $"1 to {MostAssets} assets");
        for (var i = 0; i < contract.Assets.Count && i < MostAssets; i++)
        {
            if (!entries.Assets.TryGetValue(new EntryId(id.Tenant, contract.Assets[i]), out var asset))
            {
                _faults.Add(ErrorClass.SemanticReference, $"/assets/{i}", $"there is no asset '{SafeText.Line(contract.Assets[i])}'; PUT /v1/assets/{{assetId}} first");
            }
            else if (asset.SiteId != contract.SiteId)
            {
                _faults.Add(ErrorClass.TargetMismatch, $"/assets/{i}", $"it is at site {asset.SiteId}, the contract is for {SafeText.Line(contract.SiteId)}");
            }
            else
            {
                assets.Add(PoolParts.Asset(contract.Assets[i], asset));
            }
        }

        _faults.Unless(contract.Assets.Distinct(StringComparer.Ordinal).Count() == contract.Assets.Count, "/assets", "an asset is named twice", ErrorClass.DuplicateId);
        return assets;
    }

    private List<SourceSettings> Sources(ServiceDefinition? service)
    {
        var sources = new List<SourceSettings>();
        _faults.Unless(contract.Sources.Count is > 0 and <= ControllerConfig.MaxSources, "/sources", $"1 to {ControllerConfig.MaxSources} sources, the preferred one first");
        for (var i = 0; i < contract.Sources.Count; i++)
        {
            if (!entries.Sources.TryGetValue(new EntryId(id.Tenant, contract.Sources[i]), out var source))
            {
                _faults.Add(ErrorClass.SemanticReference, $"/sources/{i}", $"there is no source '{SafeText.Line(contract.Sources[i])}'; PUT /v1/sources/{{sourceId}} first");
                continue;
            }

            sources.Add(source);
            if (service?.ResolutionHz is { } finest && (double)source.ResolutionHz > finest)
            {
                _faults.Add(ErrorClass.Plausibility, $"/sources/{i}", $"{contract.Sources[i]} measures in steps of {source.ResolutionHz} Hz, {service.Id} needs {finest} Hz; use a finer meter");
            }
        }

        return sources;
    }

    /// <summary>Frequency.md 6.3 (a): an asset that is measured too slow is not put behind the service.</summary>
    private void Admission(ServiceDefinition service, List<PoolAsset> assets, List<SourceSettings> sources)
    {
        // A curve that runs in the device does not wait for our meter.
        var told = service.Kind is ServiceKind.Signal or ServiceKind.Instruction;
        var meter = contract.Delivery == DeliveryKind.Droop || told ? 0 : sources.Max(s => s.Path.ToInt64Nanoseconds());

        // A trigger counts with its second measurement: that is one period more.
        meter += service.Kind == ServiceKind.Switched ? sources.Max(s => s.Period.ToInt64Nanoseconds()) : 0;
        var aim = contract.TotalDelay?.ToInt64Nanoseconds() ?? Response.ServiceDefaults.Shaping(service).TotalDelayNanos;
        for (var i = 0; i < assets.Count; i++)
        {
            var capability = assets[i].Capability;
            var hold = contract.Delivery == DeliveryKind.Droop ? 0 : Math.Max(0, aim - meter - capability.LatencyNanos);
            hold = service.Kind == ServiceKind.Instruction ? RampBeyond(service, capability) : hold;
            var admission = Allocation.Admission.Check(capability, service, meter, hold);
            _faults.Unless(admission.Admitted, $"/assets/{i}", admission.Reason, ErrorClass.Respond);
        }
    }

    /// <summary>How much longer our own ramp takes than the asset's.</summary>
    private static long RampBeyond(ServiceDefinition service, AssetCapability asset)
    {
        var own = asset.RampWPerS > 0 ? Math.Max(asset.MaxImportW, asset.MaxExportW) / (double)asset.RampWPerS : 0;
        return (long)(Math.Max(0, service.RampSeconds - own) * 1e9);
    }

    private void Pool(ServiceDefinition service, long quantity, List<PoolAsset> assets)
    {
        var mine = contract.Assets.ToHashSet(StringComparer.Ordinal);
        foreach (var other in entries.Contracts.Where(c => c.Id.Tenant == id.Tenant && c.Id != id && c.Settings.Assets.Any(mine.Contains)))
        {
            _faults.Unless(mine.SetEquals(other.Settings.Assets), "/assets",
                $"contract {other.Id.Key} uses some of them; contracts that share assets share all of them, in one pool", ErrorClass.Conflict);
            _faults.Unless(contract.Sources.SequenceEqual(other.Settings.Sources), "/sources",
                $"contract {other.Id.Key} on the same assets has {string.Join(", ", other.Settings.Sources)}; a pool has the same sources in the same order", ErrorClass.Conflict);
        }

        var pool = entries.With(id, contract).Contracts.Where(c => c.Id.Tenant == id.Tenant && mine.SetEquals(c.Settings.Assets)).ToList();
        if (_faults.Any || PoolFactory.Create(id.Tenant, pool, entries, catalog, _faults) is not { } made)
        {
            return;
        }

        _faults.Unless(assets.Sum(a => (long)a.Capability.MaxImportW + a.Capability.MaxExportW) <= AssetRules.MostW, "/assets",
            "a pool reaches over at most 2 GW; make several", ErrorClass.LimitCount);
        var baseline = made.BaselineW;
        var raise = assets.Sum(a => (double)a.Capability.MaxExportW) - baseline;
        var lower = baseline + assets.Sum(a => (double)a.Capability.MaxImportW);
        _faults.Unless(made.Rules.ContractedRaiseW <= raise, "/quantityW",
            $"the pool would have to raise {made.Rules.ContractedRaiseW} W and can give {Math.Max(0, raise):0} W from its baseline", ErrorClass.Respond);
        _faults.Unless(made.Rules.ContractedLowerW <= lower, "/quantityW",
            $"the pool would have to take {made.Rules.ContractedLowerW} W more and can take {Math.Max(0, lower):0} W from its baseline", ErrorClass.Respond);
        Steps(made);
        Energy(service, quantity, assets);
    }

    /// <summary>What the pool's steps can't keep of the contract is refused where the service's rule has a band for it, else said.</summary>
    private void Steps(PoolSpec made)
    {
        var telemetry = made.Assets.Select(a => new AssetTelemetry(
            (int)-a.Settings.BaselineW, -a.Capability.MaxImportW, a.Capability.MaxExportW, double.NaN, double.NaN, 0, (int)-a.Settings.BaselineW, 0, true)).ToList();
        foreach (var shortcoming in AllocationPlan.Build([.. made.Assets.Select(a => a.Capability)], telemetry, made.Rules, long.MaxValue / 4).Shortcomings)
        {
            if (made.Rules.MinSteps > 0)
            {
                _faults.Add(ErrorClass.Respond, "/assets", shortcoming);
            }
            else
            {
                _warnings.Add($"/assets: {shortcoming}");
            }
        }
    }

    private static long StoreWh(List<PoolAsset> assets) => assets.Where(a => a.Settings.DischargeMaxW > 0).Sum(a => a.Settings.EnergyWh);

    private void Energy(ServiceDefinition service, long quantity, List<PoolAsset> assets)
    {
        var store = StoreWh(assets);
        if (store > 0 && service.DurationSeconds is { } seconds && quantity * seconds / 3600 > store)
        {
            _warnings.Add($"/assets: {service.Id} may ask {quantity * seconds / 3600:0} Wh at a stretch, the store holds {store} Wh: the response will end early");
        }

        if (contract.Connection is null)
        {
            _warnings.Add("/connection: absent, so that no room is reserved at the grid connection; others may use it up");
        }
    }
}

/// <summary>What is wrong with a contract, and what was taken though it looks doubtful.</summary>
internal sealed record ContractVerdict(IReadOnlyList<ConfigFault> Faults, IReadOnlyList<string> Warnings);
