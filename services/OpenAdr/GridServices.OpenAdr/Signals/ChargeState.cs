using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>CHARGE_STATE (OpenADR 2.0b table 1): energy to be stored or released, or how full a storage is to be, as the power that does it evenly over the interval.</summary>
internal static class ChargeState
{
    /// <param name="signal">The signal.</param>
    /// <param name="policy">The program's.</param>
    /// <param name="socPercent">How full the storage was when the event began; null: not measured so far.</param>
    public static SignalMeaning Read(EventSignal signal, ChargeStatePolicy policy, decimal? socPercent) => (signal.SignalType, policy.CapacityWh) switch
    {
        (SignalType.Setpoint or SignalType.Multiplier, null) => SignalMeaning.Unsupported(
            $"type {SignalText.FormatType(signal.SignalType)} says how full a storage is to be: set CHARGE_STATE.capacityWh in the policy, and have its state of charge in the telemetry"),
        (SignalType.Multiplier, { } capacity) => Filling(signal, policy, capacity, capacity, socPercent),
        (SignalType.Setpoint, { } capacity) => Scale(signal, policy, out var scale) is { } fault ? SignalMeaning.Unsupported(fault) : Filling(signal, policy, capacity, scale, socPercent),
        (SignalType.Delta, _) => Scale(signal, policy, out var scale) is { } fault
            ? SignalMeaning.Unsupported(fault)
            : SignalMeaning.From((value, _, length) => Target(policy, value * scale, length?.TotalHours)),
        _ => SignalMeaning.UnsupportedType(signal, "delta, setpoint, multiplier"),
    };

    // Null and the factor to Wh, or why there is none.
    private static string? Scale(EventSignal signal, ChargeStatePolicy policy, out decimal scale)
    {
        scale = signal.ItemBase is { } item ? Watts.Scale(item) : policy.Unit switch { EnergyUnit.MWh => 1_000_000, EnergyUnit.KWh => 1_000, _ => 1 };
        return signal.ItemBase switch
        {
            { Kind: ItemKind.EnergyReal } => null,
            null when policy.Unit is not null => null,
            null => "the number has no unit; set CHARGE_STATE.unit in the policy to Wh, kWh or MWh if the utility has agreed on one",
            { } unit => $"its unit is {SignalText.FormatUnit(unit)}; understood is energy in Wh (energyReal)",
        };
    }

    // Interpretation: the number is to be reached by the end of its interval, and holds the storage where the one before left it.
    private static SignalMeaning Filling(EventSignal signal, ChargeStatePolicy policy, long capacity, decimal scale, decimal? socPercent) => SignalMeaning.From((value, at, length) =>
        value * scale < 0 || value * scale > capacity ? EffectResult.Nothing("how full a storage is to be lies between empty and CHARGE_STATE.capacityWh")
        : length is null ? EffectResult.Nothing("a storage can't be filled by the end of an interval without end")
        : (Before(signal, at) is { } before ? before * scale : capacity * socPercent / 100) is { } from ? Target(policy, (value * scale) - from, length.Value.TotalHours)

        // Until the event begins nobody knows from where.
        : Effect.None);

    /// <summary>The number of the interval that ends there; null: there is none.</summary>
    private static decimal? Before(EventSignal signal, Duration at)
    {
        var end = Duration.Zero;
        foreach (var interval in signal.Intervals)
        {
            end += interval.Duration?.ToDuration() ?? Duration.Zero;
            if (at > Duration.Zero && end >= at)
            {
                return (decimal)interval.Value;
            }
        }

        return null;
    }

    private static EffectResult Target(ChargeStatePolicy policy, decimal wattHours, double? hours) => hours is not > 0
        ? EffectResult.Nothing("energy over an interval without end is no power")
        : EffectResult.From(Watts.Truncate(policy.OtherLoadW + (wattHours / (decimal)hours)) is { } watts ? new Effect { TargetW = watts } : null, PowerUnits.TooMuch);
}
