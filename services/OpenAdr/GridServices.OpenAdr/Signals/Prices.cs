using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>ELECTRICITY_PRICE and ENERGY_PRICE (OpenADR 2.0b rule 510, table 1): a price per kWh, absolute or against a base.</summary>
internal static class Prices
{
    private const decimal Most = 1_000_000_000;

    public static ValueMap? Map(EventSignal signal, PricePolicy policy) => (signal.SignalType, policy.BasePrice) switch
    {
        (SignalType.Price, _) when IsPerEnergy(signal.ItemBase, policy) => (value, _) => Price(policy, PerKwh(value, signal.ItemBase)),
        (SignalType.PriceRelative, { } basePrice) when IsPerEnergy(signal.ItemBase, policy) =>
            (value, _) => Price(policy, basePrice + PerKwh(value, signal.ItemBase)),
        (SignalType.PriceMultiplier, { } basePrice) => (value, _) => Math.Abs(value) <= 1000 ? Price(policy, basePrice * value) : null,
        _ => null,
    };

    // No unit counts as currency per kWh (openleadr and EPRI send such); a price per kW or in another currency is unsupported.
    private static bool IsPerEnergy(ItemBase? unit, PricePolicy policy) =>
        unit is null || (unit.Kind is ItemKind.CurrencyPerKWh or ItemKind.Currency && (unit.Units.Length == 0 || unit.Units == policy.Currency));

    // The SI scale is that of the money: with kilo, 1 means 1,000 per kWh.
    private static decimal PerKwh(decimal value, ItemBase? unit) => value * Watts.Scale(unit);

    private static Effect? Price(PricePolicy policy, decimal perKwh) =>
        Math.Abs(perKwh) > Most ? null : new Effect { Price = new PriceEffect(Math.Round(perKwh, 9), policy.Direction) };
}
