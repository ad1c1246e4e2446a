namespace GridServices.FrequencyResponse.Response;

/// <summary>The German degrees of freedom: what hurts the state of charge is given late and not inside the dead band, what helps it is given in full measure.</summary>
internal static class FreedomUse
{
    /// <param name="rules">How far they may be used.</param>
    /// <param name="slow">The response as ramped up so far.</param>
    /// <param name="pu">What the curve asks for; + empties the store.</param>
    /// <param name="deviationHz">Frequency minus nominal.</param>
    /// <param name="soc">State of charge, share of capacity; NaN = unknown: nothing is used.</param>
    /// <param name="seconds">Since the step before.</param>
    internal static double Apply(FreedomRules rules, ref double slow, double pu, double deviationHz, double soc, double seconds)
    {
        var empty = soc < rules.TargetSoc - rules.BandSoc;
        var full = soc > rules.TargetSoc + rules.BandSoc;
        var hurts = (empty && pu > 0) || (full && pu < 0);
        var helps = (empty && pu < 0) || (full && pu > 0);
        if (helps)
        {
            return slow = pu * rules.OverFulfilment;
        }

        if (!hurts)
        {
            return slow = pu;
        }

        // 1e-9: 50.01 - 50 is a hair more than 0.01 in binary.
        var due = Math.Abs(deviationHz) <= rules.DeadbandUseHz + 1e-9 ? 0 : pu;
        var taken = Math.Sign(slow) == Math.Sign(pu) ? Math.Abs(slow) : 0;
        slow = Math.CopySign(Math.Min(Math.Abs(due), taken + (seconds / rules.ActivationSeconds)), pu);
        return slow;
    }
}
