using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>ELECTRICITY_PRICE and ENERGY_PRICE (OpenADR 2.0b rule 510, table 1): a price per kWh. It limits nothing, and so costs no event it comes with for want of a unit.</summary>
internal static class Prices
{
    private const decimal Most = 1_000_000_000;

    public static SignalMeaning Read(EventSignal signal, PricePolicy policy) =>
        new PriceTypes(ItemKind.CurrencyPerKWh, "a price per kWh (currencyPerKWh)", policy.CurrencyOrDefault, $"{signal.SignalName}.currency", policy.BasePrice).Read(signal, price => Price(policy, price));

    private static EffectResult Price(PricePolicy policy, decimal perKwh) => Math.Abs(perKwh) > Most
        ? EffectResult.Nothing("that is more than any price")
        : new Effect { Price = new PriceEffect(Math.Round(perKwh, 9), policy.Direction) };
}
