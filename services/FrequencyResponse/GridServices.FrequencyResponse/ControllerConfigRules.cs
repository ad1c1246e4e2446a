using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse;

/// <summary>What makes settings runnable; every fault is told, not just the first.</summary>
internal static class ControllerConfigRules
{
    internal static List<SettingsFault> Check(ControllerSettings settings)
    {
        var faults = new List<SettingsFault>();
        CheckPool(settings, faults);
        for (var i = 0; i < settings.Sources.Count; i++)
        {
            CheckSource(settings.Sources[i], $"sources[{i}]", faults);
        }

        for (var i = 0; i < settings.Contracts.Count; i++)
        {
            ContractRules.Check(settings, settings.Contracts[i], $"contracts[{i}]", faults);
        }

        return faults;
    }

    /// <summary>Bit i: source i is fine and fast enough for the contract.</summary>
    internal static int SourceMask(ControllerSettings settings, ServiceContract contract)
    {
        var mask = 0;
        for (var i = 0; i < Math.Min(settings.Sources.Count, ControllerConfig.MaxSources); i++)
        {
            mask |= ContractRules.Unfit(settings.Sources[i], contract) is null ? 1 << i : 0;
        }

        return mask;
    }

    private static void CheckPool(ControllerSettings settings, List<SettingsFault> faults)
    {
        Need(settings.Sources.Count is > 0 and <= ControllerConfig.MaxSources, "sources",
            $"{settings.Sources.Count} sources; state 1 to {ControllerConfig.MaxSources}", faults);
        Need(settings.Contracts.Count <= ControllerConfig.MaxServices, "contracts",
            $"{settings.Contracts.Count} contracts; a pool runs at most {ControllerConfig.MaxServices}, make a second pool", faults);
        Need(settings.Contracts.Select(c => c.Service.NominalHz).Distinct().Count() <= 1, "contracts",
            "services of 50 Hz and of 60 Hz in one pool; make one pool for each", faults);
        Need(settings.Contracts.Select(c => c.Id).Distinct(StringComparer.Ordinal).Count() == settings.Contracts.Count, "contracts",
            "two contracts of one id; give each its own", faults);
        Need(settings.FailSafe.HoldNanos is >= 0 and <= FailSafeRules.LongestHoldNanos, "failSafe.holdNanos",
            "the last response may be held for 0 to 2 s", faults);
        Need(settings.FailSafe.RampPuPerS > 0, "failSafe.rampPuPerS", "must be above 0: a lost measurement must end in the baseline", faults);
        Need(settings.FailSafe.DeviceDefaultNanos >= settings.FailSafe.HoldNanos, "failSafe.deviceDefaultNanos", "must not be shorter than the hold", faults);
        Need(settings.VoteToleranceHz is >= 0 and <= 0.2, "voteToleranceHz", "must be 0 to 0.2 Hz", faults);
        Need(settings.DispatchHysteresisPu is >= 0 and <= 0.01, "dispatchHysteresisPu", "must be 0 to 0.01, a share of the contracted quantity", faults);
        Need(settings.RefreshNanos >= 10 * Nanos.PerMillisecond, "refreshNanos", "must be at least 10 ms", faults);
        Need(settings.DispatchSpacingNanos is >= 0 and <= Nanos.PerSecond, "dispatchSpacingNanos", "must be 0 to 1 s", faults);
        Need(settings.AssetDelayNanos is >= 0 and <= 60 * Nanos.PerSecond, "assetDelayNanos", "must be 0 to 60 s", faults);
        Need(settings.NominalHz is 50 or 60, "nominalHz", "must be 50 or 60", faults);
        if (settings.Energy is { } energy)
        {
            Need(energy.CapacityWh > 0 && double.IsFinite(energy.CapacityWh), "energy.capacityWh", "must be above 0 Wh", faults);
            Need(energy.FloorWh >= 0 && energy.FloorWh <= energy.CapacityWh, "energy.floorWh", "must be between 0 and the capacity", faults);
            Need(double.IsNaN(energy.CeilingWh) || (energy.CeilingWh > energy.FloorWh && energy.CeilingWh <= energy.CapacityWh), "energy.ceilingWh",
                "must be above the floor and not above the capacity", faults);
            Need(energy.ChargeEfficiency is > 0 and <= 1 && energy.DischargeEfficiency is > 0 and <= 1, "energy.chargeEfficiency",
                "efficiencies must be above 0 and at most 1", faults);
            Need(energy.BaselineRampPuPerMinute > 0, "energy.baselineRampPuPerMinute", "must be above 0", faults);
            Need(energy.TargetSoc is >= 0 and <= 1, "energy.targetSoc", "must be 0 to 1", faults);
        }
    }

    private static void CheckSource(SourceConfig source, string path, List<SettingsFault> faults)
    {
        Need(source.PeriodNanos is >= Nanos.PerMillisecond and <= 60 * Nanos.PerSecond, $"{path}.periodNanos", "must be 1 ms to 60 s", faults);
        Need(source.PathNanos is >= 0 and <= 60 * Nanos.PerSecond, $"{path}.pathNanos", "must be 0 to 60 s", faults);
        Need(source.ResolutionHz is > 0 and <= 1, $"{path}.resolutionHz", "must be above 0 and at most 1 Hz; a SunSpec Hz_SF of -3 is 0.001", faults);
        Need(source.RocofLimitHzPerS > 0, $"{path}.rocofLimitHzPerS", "must be above 0; 8 Hz/s is usual", faults);
        Need(source.VoltageFloorPu is >= 0 and < 1, $"{path}.voltageFloorPu", "must be 0 to below 1", faults);
        Need(source.FrozenNanos >= source.PeriodNanos, $"{path}.frozenNanos", "must not be shorter than the period", faults);
        Need(source is { StampAgeNanos: > 0, StampAheadNanos: >= 0, StampJumpNanos: > 0 }, $"{path}.stampAgeNanos", "stamp limits must be above 0", faults);
    }

    internal static void Need(bool holds, string path, string detail, List<SettingsFault> faults)
    {
        if (!holds)
        {
            faults.Add(new SettingsFault(path, detail));
        }
    }
}

/// <summary>What makes one contract runnable on the sources there are.</summary>
internal static class ContractRules
{
    internal static void Check(ControllerSettings settings, ServiceContract contract, string path, List<SettingsFault> faults)
    {
        var service = contract.Service;
        ControllerConfigRules.Need(contract.QuantityW > 0, $"{path}.quantityW", "must be above 0 W", faults);
        ControllerConfigRules.Need(
            service.Value(NumberNames.MaxQuantityWatts) is not { } most || contract.QuantityW <= most, $"{path}.quantityW",
            $"{service.Id} is sold up to {service.Value(NumberNames.MaxQuantityWatts):0} W a unit; split it", faults);
        ControllerConfigRules.Need(contract.OverDelivery is >= 1 and <= 2, $"{path}.overDelivery", "must be 1 to 2, a share of the quantity", faults);
        ControllerConfigRules.Need(contract.RelaySteps is 0 or (>= 7 and <= 1000), $"{path}.relaySteps",
            "a relay-type resource needs at least 7 equal steps each way; 0 for a continuous one", faults);
        ControllerConfigRules.Need(
            contract.SignalLost is not { } lost || (lost.HoldNanos is >= 0 and <= FailSafeRules.LongestSignalHoldNanos && lost.RampPuPerS > 0 && lost.DeviceDefaultNanos >= lost.HoldNanos),
            $"{path}.signalLost", "a lost signal is held for 0 to 900 s, then the ramp must lead to the baseline before the device is let go", faults);
        CheckKind(contract, path, faults);
        CheckWindows(contract, $"{path}.windows", faults);
        CheckSources(settings, contract, path, faults);
    }

    /// <summary>Why a source can't drive the contract; null where it can.</summary>
    internal static string? Unfit(SourceConfig source, ServiceContract contract)
    {
        var age = ServiceDefaults.SampleAgeLimit(contract);
        if (contract.Service.Kind is ServiceKind.Signal or ServiceKind.Instruction)
        {
            return null;
        }

        if (contract.Service.ResolutionHz is { } finest && source.ResolutionHz > finest + 1e-12)
        {
            return $"{source.Name} measures in steps of {source.ResolutionHz:0.####} Hz, {contract.Service.Id} asks for {finest:0.####} Hz or finer";
        }

        return source.PeriodNanos <= age ? null
            : $"{source.Name} has a new value every {source.PeriodNanos / 1e9:0.###} s, {contract.Service.Id} takes none older than {age / 1e9:0.###} s";
    }

    private static void CheckKind(ServiceContract contract, string path, List<SettingsFault> faults)
    {
        var service = contract.Service;
        ControllerConfigRules.Need(service.Kind != ServiceKind.Continuous || service.Curve is not null, $"{path}.service",
            $"{service.Id} has no curve by frequency; define a custom service with one", faults);
        if (service.Kind != ServiceKind.Switched)
        {
            return;
        }

        var rules = contract.Switched ?? ServiceDefaults.Switched(service);
        ControllerConfigRules.Need(rules is not null, $"{path}.switched", $"{service.Id} names no trigger; state the switching rules", faults);
        ControllerConfigRules.Need(rules is null || Math.Abs(rules.TriggerHz - service.NominalHz) < SampleGate.RangeHz, $"{path}.switched.triggerHz",
            $"must be within {SampleGate.RangeHz} Hz of {service.NominalHz}", faults);
        ControllerConfigRules.Need(rules is null or { SupportNanos: > 0, RearmNanos: >= 0, ReleasePuPerS: > 0 }, $"{path}.switched.supportNanos",
            "support and release must be above 0, the time to re-arm not below", faults);
    }

    private static void CheckWindows(ServiceContract contract, string path, List<SettingsFault> faults)
    {
        for (var i = 0; i < contract.Windows.Count; i++)
        {
            var window = contract.Windows[i];
            if (!window.HasStart || !window.HasEnd || window.Start >= window.End)
            {
                faults.Add(new SettingsFault($"{path}[{i}]", "needs a start and a later end: nothing is procured for ever"));
                return;
            }

            ControllerConfigRules.Need(i == 0 || contract.Windows[i - 1].End <= window.Start, $"{path}[{i}]",
                "starts before the window before it ends; sort them and join what overlaps", faults);
        }
    }

    private static void CheckSources(ControllerSettings settings, ServiceContract contract, string path, List<SettingsFault> faults)
    {
        var reasons = settings.Sources.Select(s => Unfit(s, contract)).ToList();
        if (reasons.Count > 0 && reasons.TrueForAll(r => r is not null))
        {
            faults.Add(new SettingsFault($"{path}.service", $"no source can drive it: {string.Join("; ", reasons)}"));
        }
    }
}
