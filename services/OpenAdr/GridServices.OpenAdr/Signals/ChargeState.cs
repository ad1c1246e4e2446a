using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>CHARGE_STATE (OpenADR 2.0b table 1): energy to be stored or released, as the power that does it evenly over the interval.</summary>
internal static class ChargeState
{
    public static SignalMeaning Read(EventSignal signal, ChargeStatePolicy policy)
    {
        if (signal.SignalType is SignalType.Setpoint or SignalType.Multiplier)
        {
            return SignalMeaning.Unsupported($"type {SignalText.TypeOf(signal.SignalType)} says how full a storage is to be, and nobody tells this VEN how full it is; understood: delta");
        }

        if (signal.SignalType != SignalType.Delta)
        {
            return SignalMeaning.OfType(signal, "delta");
        }

        return signal.ItemBase switch
        {
            { Kind: ItemKind.EnergyReal } unit => SignalMeaning.Of((value, _, length) => Target(policy, value * Watts.Scale(unit), length?.TotalHours)),
            null when policy.Unit is { } unit => SignalMeaning.Of((value, _, length) => Target(policy, value * (unit switch { EnergyUnit.MWh => 1_000_000, EnergyUnit.KWh => 1_000, _ => 1 }), length?.TotalHours)),
            null => SignalMeaning.Unsupported("the number has no unit; set CHARGE_STATE.unit in the policy to Wh, kWh or MWh if the utility has agreed on one"),
            { } unit => SignalMeaning.Unsupported($"its unit is {SignalText.UnitOf(unit)}; understood is energy in Wh (energyReal)"),
        };
    }

    private static Meant Target(ChargeStatePolicy policy, decimal wattHours, double? hours) => hours is not > 0
        ? Meant.Nothing("energy over an interval without end is no power")
        : Meant.Of(Watts.Whole(policy.OtherLoadW + (wattHours / (decimal)hours)) is { } watts ? new Effect { TargetW = watts } : null, PowerUnits.TooMuch);
}
