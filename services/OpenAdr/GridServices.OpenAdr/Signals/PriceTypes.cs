using GridServices.Contracts;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>What signals of a price have in common: absolute, against a base price or a multiple of it, in one currency (OpenADR 2.0b table 1).</summary>
/// <param name="Kind">What the price is per.</param>
/// <param name="Words">The same for people, such as <c>a price per kWh (currencyPerKWh)</c>.</param>
/// <param name="Currency">The policy's.</param>
/// <param name="CurrencySetting">Where the policy states it, for people.</param>
/// <param name="BasePrice">What priceRelative is added to and priceMultiplier multiplies; null: both are unsupported.</param>
internal sealed record PriceTypes(ItemKind Kind, string Words, string Currency, string CurrencySetting, decimal? BasePrice)
{
    /// <param name="signal">The signal.</param>
    /// <param name="meant">What an absolute price means.</param>
    public SignalMeaning Read(EventSignal signal, Func<decimal, EffectResult> meant)
    {
        if (signal.SignalType is not (SignalType.Price or SignalType.PriceRelative or SignalType.PriceMultiplier))
        {
            return SignalMeaning.UnsupportedType(signal, "price, priceRelative, priceMultiplier");
        }

        if (signal.SignalType != SignalType.PriceMultiplier && UnitFault(signal.ItemBase) is { } fault)
        {
            return SignalMeaning.Unsupported(fault);
        }

        // The SI scale is that of the money: with kilo, 1 means 1,000 per unit.
        var scale = Watts.Scale(signal.ItemBase);
        return (signal.SignalType, BasePrice) switch
        {
            (SignalType.Price, _) => SignalMeaning.From((value, _, _) => meant(value * scale)),
            (_, null) => SignalMeaning.Unsupported(
                $"type {SignalText.FormatType(signal.SignalType)} counts from a base price: set {signal.SignalName}.basePrice in the policy"),
            (SignalType.PriceRelative, { } basePrice) => SignalMeaning.From((value, _, _) => meant(basePrice + (value * scale))),
            (_, { } basePrice) => SignalMeaning.From((value, _, _) =>
                Math.Abs(value) <= 1000 ? meant(basePrice * value) : EffectResult.Nothing("a multiplier lies between -1000 and 1000")),
        };
    }

    // openleadr and EPRI send prices without a unit: they are in the policy's currency.
    private string? UnitFault(ItemBase? unit) => unit switch
    {
        null => null,
        { Kind: var kind } when kind != Kind && kind != ItemKind.Currency => $"its unit is {SignalText.FormatUnit(unit)}; understood is {Words}",
        { Units: var currency } when currency.Length > 0 && currency != Currency =>
            $"its currency is {SafeText.Short(currency)}, the policy's is {Currency} ({CurrencySetting})",
        _ => null,
    };
}
