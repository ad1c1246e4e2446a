using GridServices.FrequencyResponse.Energy;

namespace GridServices.FrequencyResponse.Safety;

/// <summary>Keeps the pool's power inside what the assets, the store and the other envelopes allow, and says which of them cut it.</summary>
internal static class PowerLimits
{
    internal static double Bound(double wantedW, in SiteConditions site, EnergyRules? rules, in EnergyState energy, ref ControlReasons reasons)
    {
        var baseline = double.IsFinite(site.BaselineW) ? site.BaselineW : 0;
        var power = double.IsFinite(wantedW) ? wantedW : baseline;
        power = Cut(power, baseline - Room(site.LowerHeadroomW), baseline + Room(site.RaiseHeadroomW), ControlReasons.Headroom, ref reasons);
        if (rules is { WholePool: true } && energy.Known)
        {
            power = Cut(
                power, -EnergyLedger.MostDrawW(rules, in energy), EnergyLedger.MostInjectionW(rules, in energy), ControlReasons.Energy, ref reasons);
        }

        // Architecture law 3: another envelope never loosens, and 0 W is always allowed. A limit that is no number allows nothing.
        var floor = double.IsNaN(site.FloorW) ? 0 : Math.Min(site.FloorW, 0);
        var ceiling = double.IsNaN(site.CeilingW) ? 0 : Math.Max(site.CeilingW, 0);
        return Cut(power, floor, ceiling, ControlReasons.EnvelopeLimit, ref reasons);
    }

    private static double Room(double headroomW) => double.IsNaN(headroomW) ? 0 : Math.Max(headroomW, 0);

    private static double Cut(double power, double least, double most, ControlReasons reason, ref ControlReasons reasons)
    {
        var cut = Math.Min(Math.Max(power, least), most);
        reasons |= cut == power ? ControlReasons.None : reason;
        return cut;
    }
}
