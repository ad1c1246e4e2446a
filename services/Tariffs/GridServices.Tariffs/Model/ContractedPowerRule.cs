namespace GridServices.Tariffs.Model;

public enum ContractedPowerRule
{
    /// <summary>Billed between a floor share and what was measured, with a multiple of what goes beyond (Spanish maximeter).</summary>
    Maximeter,

    /// <summary>The contracted kW are paid, and each kW beyond them at its own price.</summary>
    Excess,

    /// <summary>
    /// The contracted kW are paid, and once per billing period coefficient x excess price x root of the sum of (kW - contracted)² over all windows above the contracted kW
    /// (quarter hours in Spain for 6.1TD and 3.0TD; CNMC Circular 3/2020 as recalled, not looked up).
    /// </summary>
    SquareRootExcess,
}
