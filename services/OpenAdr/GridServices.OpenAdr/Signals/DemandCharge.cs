using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>DEMAND_CHARGE (OpenADR 2.0b table 1): a price per kW of demand, which limits the site from a price on that the policy names.</summary>
internal static class DemandCharge
{
    public static SignalMeaning Read(EventSignal signal, DemandChargePolicy policy) =>
        new PriceTypes(ItemKind.CurrencyPerKW, "a price per kW (currencyPerKW)", policy.Currency ?? "USD", "DEMAND_CHARGE.currency", policy.BasePrice).Read(signal, price => At(policy, price));

    // A price below all that the policy names asks for nothing, and is no mistake.
    private static Effect At(DemandChargePolicy policy, decimal perKw) => new()
    {
        Limits = policy.Limits.Where(l => l.From <= perKw).Aggregate(Limits.None, (limits, l) => limits.Intersect(l.Limits)),
    };
}
