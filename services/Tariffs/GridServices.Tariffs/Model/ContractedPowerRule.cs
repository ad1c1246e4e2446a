namespace GridServices.Tariffs;

public enum ContractedPowerRule
{
    /// <summary>Billed between a floor share and what was measured, with a multiple of what goes beyond (Spanish maximeter).</summary>
    Maximeter,

    /// <summary>The contracted kW are paid, and each kW beyond them at its own price.</summary>
    Excess,
}
