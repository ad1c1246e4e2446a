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
    /// <param name="unit">The signal's.</param>
    /// <param name="otherwise">The policy's, for numbers that come without one.</param>
    /// <param name="policy">Its name, for people.</param>
    /// <param name="powerFactor">What turns VA into W, more than 0, at most 1; null: VA are not understood.</param>
    /// <param name="factor">To watts.</param>
    public static string? Watts(ItemBase? unit, PowerUnit? otherwise, string policy, decimal? powerFactor, out decimal factor)
    {
        factor = 0;
        switch (unit)
        {
            case { Kind: ItemKind.PowerReal }:
                factor = Signals.Watts.Scale(unit);
                return null;
            case { Kind: ItemKind.PowerApparent } when powerFactor is { } share:
                factor = Signals.Watts.Scale(unit) * share;
                return null;
            case { Kind: ItemKind.PowerApparent }:
                return $"its unit is {SignalText.FormatUnit(unit)}; set {policy}.powerFactor in the policy to have it read as W";
            case { Kind: ItemKind.PowerReactive }:
                return $"its unit is {SignalText.FormatUnit(unit)}, and reactive power is understood of set-points of LOAD_DISPATCH alone, where LOAD_DISPATCH.reactivePower is set in the policy";
            case null when otherwise is { } named:
                factor = named switch { PowerUnit.MW => 1_000_000, PowerUnit.KW => 1_000, _ => 1 };
                return null;
            case null:
                return $"the number has no unit; set {policy}.unit in the policy to W, kW or MW if the utility has agreed on one";
            default:
                return $"its unit is {SignalText.FormatUnit(unit)}; understood is real power in W (powerReal)";
        }
    }
}
