using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>DEMAND_CHARGE (OpenADR 2.0b table 1): a price per kW of demand, which limits the site from a price on that the policy names.</summary>
internal static class DemandCharge
{
    public static SignalMeaning Read(EventSignal signal, DemandChargePolicy policy)
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
            (SignalType.Price, _) => SignalMeaning.Of((value, _, _) => At(policy, value * Watts.Scale(signal.ItemBase))),
            (_, null) => SignalMeaning.Unsupported($"type {SignalText.TypeOf(signal.SignalType)} counts from a base price: set DEMAND_CHARGE.basePrice in the policy"),
            (SignalType.PriceRelative, { } basePrice) => SignalMeaning.Of((value, _, _) => At(policy, basePrice + (value * Watts.Scale(signal.ItemBase)))),
            (_, { } basePrice) => SignalMeaning.Of((value, _, _) =>
                Math.Abs(value) <= 1000 ? At(policy, basePrice * value) : Meant.Nothing("a multiplier lies between -1000 and 1000")),
        };
    }

    // A price below all that the policy names asks for nothing, and is no mistake.
    private static Effect At(DemandChargePolicy policy, decimal perKw) => new()
    {
        Limits = policy.Limits.Where(l => l.From <= perKw).Aggregate(Limits.None, (limits, l) => limits.Intersect(l.Limits)),
    };

    private static string? UnitFault(EventSignal signal, DemandChargePolicy policy) => signal.ItemBase switch
    {
        null => null,
        { Kind: not (ItemKind.CurrencyPerKW or ItemKind.Currency) } unit => $"its unit is {SignalText.UnitOf(unit)}; understood is a price per kW (currencyPerKW)",
        { Units: var currency } when currency.Length > 0 && currency != (policy.Currency ?? "USD") =>
            $"its currency is {SafeText.Short(currency)}, the policy's is {policy.Currency ?? "USD"} (DEMAND_CHARGE.currency)",
        _ => null,
    };
}
