namespace GridServices.FrequencyResponse.Energy;

/// <summary>The baseline that keeps the store able to respond.</summary>
internal static class EnergyManagement
{
    /// <summary>Moves the baseline towards what the scheme asks for, no faster than the contract allows.</summary>
    /// <returns>The move of the baseline, W, + = injection.</returns>
    internal static double Step(
        EnergyRules rules, ref EnergyState energy, in ProcuredSum procured, double deviationHz, double seconds, long now, long unix)
    {
        var fresh = EnergyLedger.IsFresh(rules, in energy, now);
        switch (rules.Scheme)
        {
            case EnergyScheme.GreatBritain:
                var asked = GbRecovery.Step(rules, ref energy, in procured, fresh, seconds, unix);
                var most = rules.BaselineRampPuPerMinute * procured.QuantityW * seconds / 60;

                // Nothing is procured any more: there is no contract whose rate would bind.
                energy.ShiftW = procured.QuantityW <= 0 ? 0 : Math.Clamp(asked, energy.ShiftW - most, energy.ShiftW + most);
                break;
            case EnergyScheme.NordicNormal or EnergyScheme.NordicDisturbance:
                // The rolling mean is the ramp.
                energy.ShiftW = NordicEnergy.Step(rules, ref energy, in procured, deviationHz, fresh, seconds);
                break;
            default:
                energy.ShiftW = 0;
                break;
        }

        return energy.ShiftW;
    }
}
