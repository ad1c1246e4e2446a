namespace GridServices.FrequencyResponse.Energy;

/// <summary>The energy in the store: telemetry, carried on by what was commanded since.</summary>
internal static class EnergyLedger
{
    internal static void Advance(EnergyRules rules, ref EnergyState energy, in SiteConditions site, double seconds)
    {
        energy.StoredWh -= rules.WholePool ? ComputeStoragePower(rules, energy.PowerW) * seconds / 3600 : 0;
        var at = Nanos.Clip(site.EnergyAtNanos);
        if (double.IsFinite(site.EnergyWh) && (!energy.Known || at > energy.TelemetryNanos))
        {
            (energy.Known, energy.StoredWh, energy.TelemetryNanos) = (true, site.EnergyWh, at);
        }

        energy.StoredWh = Math.Clamp(energy.StoredWh, 0, rules.CapacityWh);
    }

    /// <summary>Known, and from telemetry that is not too old.</summary>
    internal static bool IsFresh(EnergyRules rules, in EnergyState energy, long now) =>
        energy.Known && Nanos.Since(now, energy.TelemetryNanos) <= rules.TelemetryAgeNanos;

    /// <summary>Most that may be injected without going below the floor within ten seconds: a graceful end instead of a cliff.</summary>
    internal static double MostInjectionW(EnergyRules rules, in EnergyState energy) =>
        Math.Max(0, energy.StoredWh - rules.FloorWh) * rules.DischargeEfficiency * 3600 / TaperSeconds;

    /// <summary>Most that may be drawn without going above the ceiling within ten seconds.</summary>
    internal static double MostDrawW(EnergyRules rules, in EnergyState energy) =>
        Math.Max(0, Ceiling(rules) - energy.StoredWh) / rules.ChargeEfficiency * 3600 / TaperSeconds;

    internal static double Ceiling(EnergyRules rules) => double.IsNaN(rules.CeilingWh) ? rules.CapacityWh : rules.CeilingWh;

    private const double TaperSeconds = 10;

    private static double ComputeStoragePower(EnergyRules rules, double powerW) =>
        powerW > 0 ? powerW / rules.DischargeEfficiency : powerW * rules.ChargeEfficiency;
}
