using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>What one of a signal's numbers is in watts.</summary>
internal static class PowerUnits
{
    public const string TooMuch = "that is more than any site has";

    /// <summary>
    /// Null and the factor to watts, or why there is none (OpenADR 2.0b rule 109). A number without a unit is in the policy's unit, if that names one, and else in none:
    /// 20 may mean watts or kilowatts.
    /// </summary>
    public static string? Watts(ItemBase? unit, PowerUnit? otherwise, string policy, out decimal factor)
    {
        factor = 0;
        switch (unit)
        {
            case { Kind: ItemKind.PowerReal }:
                factor = Signals.Watts.Scale(unit);
                return null;
            case null when otherwise is { } named:
                factor = named switch { PowerUnit.MW => 1_000_000, PowerUnit.KW => 1_000, _ => 1 };
                return null;
            case null:
                return $"the number has no unit; set {policy}.unit in the policy to W, kW or MW if the utility has agreed on one";
            default:
                return $"its unit is {SignalText.UnitOf(unit)}; understood is real power in W (powerReal)";
        }
    }
}
