using GridServices.OpenAdr.Configuration;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>ELECTRICITY_PRICE and ENERGY_PRICE (OpenADR 2.0b rule 510, table 1): a price per kWh, absolute or against a base.</summary>
internal static class Prices
{
    private const decimal Most = 1_000_000_000;

    public static SignalMeaning Read(EventSignal signal, PricePolicy policy)
    {
        if (signal.SignalType is not (SignalType.Price or SignalType.PriceRelative or SignalType.PriceMultiplier))
        {
            return SignalMeaning.OfType(signal, "price, priceRelative, priceMultiplier");
        }

        if (signal.SignalType != SignalType.PriceMultiplier && UnitFault(signal, policy) is { } fault)
        {
            return SignalMeaning.Unsupported(fault);
        }

        return (signal.SignalType, policy.BasePrice) switch
        {
            (SignalType.Price, _) => SignalMeaning.Of((value, _, _) => Price(policy, PerKwh(value, signal.ItemBase))),
            (_, null) => SignalMeaning.Unsupported(
                $"type {SignalText.TypeOf(signal.SignalType)} counts from a base price: set {signal.SignalName}.basePrice in the policy"),
            (SignalType.PriceRelative, { } basePrice) => SignalMeaning.Of((value, _, _) => Price(policy, basePrice + PerKwh(value, signal.ItemBase))),
            (_, { } basePrice) => SignalMeaning.Of((value, _, _) =>
                Math.Abs(value) <= 1000 ? Price(policy, basePrice * value) : Meant.Nothing("a multiplier lies between -1000 and 1000")),
        };
    }

    // openleadr and EPRI send prices without a unit: they are per kWh in the policy's currency. A price limits nothing, and must not cost the event it comes with.
    private static string? UnitFault(EventSignal signal, PricePolicy policy) => signal.ItemBase switch
    {
        null => null,
        { Kind: not (ItemKind.CurrencyPerKWh or ItemKind.Currency) } unit => $"its unit is {SignalText.UnitOf(unit)}; understood is a price per kWh (currencyPerKWh)",
        { Units: var currency } when currency.Length > 0 && currency != policy.CurrencyOrDefault =>
            $"its currency is {SafeText.Short(currency)}, the policy's is {policy.CurrencyOrDefault} ({signal.SignalName}.currency)",
        _ => null,
    };

    // The SI scale is that of the money: with kilo, 1 means 1,000 per kWh.
    private static decimal PerKwh(decimal value, ItemBase? unit) => value * Watts.Scale(unit);

    private static Meant Price(PricePolicy policy, decimal perKwh) => Math.Abs(perKwh) > Most
        ? Meant.Nothing("that is more than any price")
        : new Effect { Price = new PriceEffect(Math.Round(perKwh, 9), policy.Direction) };
}
