using System.Net;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>When an asset can be used.</summary>
internal static class AssetRules
{
    /// <summary>Largest power of one asset, W.</summary>
    public const long MostW = 2_000_000_000;

    public static IReadOnlyList<ConfigFault> Check(AssetSettings asset)
    {
        var faults = new ConfigFaults();
        faults.Identifier("/siteId", asset.SiteId);
        faults.Between(asset.ChargeMaxW, 0, MostW, "/chargeMaxW", "W");
        faults.Between(asset.DischargeMaxW, 0, MostW, "/dischargeMaxW", "W");
        faults.Between(asset.EnergyWh, 0, 1_000_000_000_000, "/energyWh", "Wh");
        faults.Between(asset.RoundTripEfficiency, 0.3m, 1, "/roundTripEfficiency", "(1 = no loss)");
        faults.Between(asset.LatencyMs, 0, 600_000, "/latencyMs", "ms");
        faults.Between(asset.RampWPerS, 1, 1_000_000_000_000, "/rampWPerS", "W/s");
        faults.Between(asset.MinOnSeconds, 0, 86_400, "/minOnSeconds", "s");
        faults.Between(asset.BaselineW, 0, MostW, "/baselineW", "W");
        faults.Unless(asset.ChargeMaxW + asset.DischargeMaxW > 0, "/chargeMaxW", "an asset of 0 W can't respond");
        faults.Unless(asset.Kind != AssetKind.Ev || asset.DischargeMaxW == 0, "/dischargeMaxW", "a one-way charger (kind ev) feeds nothing back; write 0, or kind v2g");
        faults.Unless(asset.Kind != AssetKind.Bess || asset.EnergyWh > 0, "/energyWh", "a battery needs its usable energy");
        faults.Unless(asset.Kind != AssetKind.Bess || asset.BaselineW == 0, "/baselineW", "a battery's baseline is stated on the contract; leave it out here");
        if (asset.SocPercent is { } soc)
        {
            faults.Between(soc, 0, 100, "/socPercent", "%");
        }

        Need(faults, asset);
        Steps(faults, asset);
        Route(faults, asset.Setpoint);
        return faults.All;
    }

    private static void Need(ConfigFaults faults, AssetSettings asset)
    {
        faults.Between(asset.MinOffSeconds ?? 0, 0, 86_400, "/minOffSeconds", "s");
        if (asset.NeededWh is { } needed)
        {
            faults.Unless(asset.EnergyWh > 0, "/neededWh", "goes with energyWh, the size of the store; state it, or leave neededWh out");
            faults.Unless(asset.EnergyWh == 0 || (needed >= 0 && needed <= asset.EnergyWh), "/neededWh", $"must be between 0 and {asset.EnergyWh} Wh, what the store holds");
        }

        faults.Unless(asset.Departure is null || asset.NeededWh is not null, "/departure", "goes with neededWh: state what must be in the vehicle by then, or leave departure out");
        faults.Unless(asset.Departure is null || asset.Kind != AssetKind.Bess, "/departure", "a battery (kind bess) does not leave; leave departure out, neededWh stays in it at all times");
    }

    private static void Steps(ConfigFaults faults, AssetSettings asset)
    {
        if (asset.Steps is not { } steps)
        {
            return;
        }

        faults.Unless(asset.Kind != AssetKind.Bess, "/steps", "a battery takes any watt; leave steps out");
        faults.Between(steps.MinA, 0, 1_000, "/steps/minA", "A");
        faults.Between(steps.MaxA, Math.Max(1, steps.MinA), 1_000, "/steps/maxA", "A");
        faults.Between(steps.StepA, 1, 100, "/steps/stepA", "A");
        faults.Between(steps.Volts, 50, 1_000, "/steps/volts", "V");
    }

    private static void Route(ConfigFaults faults, SetpointRoute? route)
    {
        if (route is not null)
        {
            faults.Unless(IPAddress.TryParse(route.Host, out _), "/setpoint/host", "must be an IP address: no name is looked up on the way to a device");
            faults.Between(route.Port, 1, 65_535, "/setpoint/port", "(UDP)");
            faults.Between(route.Number, 0, uint.MaxValue, "/setpoint/number", string.Empty);
        }
    }
}
