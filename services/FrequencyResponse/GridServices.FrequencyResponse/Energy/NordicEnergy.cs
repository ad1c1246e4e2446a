namespace GridServices.FrequencyResponse.Energy;

/// <summary>
/// Nordic reservoirs of limited energy: NEM moves the baseline while the frequency is normal, AEM follows only the deviation from the rolling mean
/// when the store is nearly out (Technical Requirements for FCR Provision, energy management of limited reservoirs).
/// </summary>
/// <remarks>Thresholds are minutes of full response: NEM on below 30 and off above 57.5 (FCR-D: 20 and 20), AEM on below 5, off above 10.</remarks>
internal static class NordicEnergy
{
    private const double NormalHz = 0.1;

    /// <summary>The baseline's move due now, W, + = injection.</summary>
    internal static double Step(
        EnergyRules rules, ref EnergyState energy, in ProcuredSum procured, double deviationHz, bool fresh, double seconds)
    {
        ref var nordic = ref energy.Nordic;
        if (procured.QuantityW <= 0 || !fresh)
        {
            nordic.Nem.Add(0, seconds);
            return procured.NemW * nordic.Nem.Mean;
        }

        var (nemOn, nemOff, aemOff) = rules.Scheme == EnergyScheme.NordicNormal ? (30.0, 57.5, 10.0) : (20.0, 20.0, 10.0);
        var low = procured.RaiseW > 0 ? (energy.StoredWh - rules.FloorWh) * 60 / procured.RaiseW : double.PositiveInfinity;
        var high = procured.LowerW > 0 ? (EnergyLedger.Ceiling(rules) - energy.StoredWh) * 60 / procured.LowerW : double.PositiveInfinity;
        nordic.NemLow = Latch(nordic.NemLow, low, nemOn, nemOff);
        nordic.NemHigh = Latch(nordic.NemHigh, high, nemOn, nemOff);
        nordic.AemLow = Latch(nordic.AemLow, low, 5, aemOff);
        nordic.AemHigh = Latch(nordic.AemHigh, high, 5, aemOff);

        var normal = Math.Abs(deviationHz) < NormalHz;
        var way = (nordic.NemHigh ? 1 : 0) - (nordic.NemLow ? 1 : 0);
        nordic.Nem.Add(normal ? way : 0, seconds);
        if (double.IsFinite(deviationHz))
        {
            nordic.DeviationHz.Add(deviationHz, seconds);
        }

        return procured.NemW * nordic.Nem.Mean;
    }

    /// <summary>By how much the reference frequency is moved: the mean deviation while the store is nearly out, otherwise nothing.</summary>
    internal static double ReferenceShiftHz(in EnergyState energy) =>
        energy.Nordic.AemLow || energy.Nordic.AemHigh ? energy.Nordic.DeviationHz.Mean : 0;

    private static bool Latch(bool on, double minutes, double enable, double disable) => on ? minutes < disable : minutes < enable;
}
