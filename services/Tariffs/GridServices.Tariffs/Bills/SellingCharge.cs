using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// The energy charge that pays the export terms' own price: the first whose tiers have a sell price, else the first with rates, else the first. Charges for one
/// kWh (supply, network …) add up; its sale does not. Bills and the price outlook share it.
/// </summary>
internal static class SellingCharge
{
    /// <summary>Null where the tariff has no energy charge.</summary>
    public static EnergyCharge? Find(Tariff tariff) => tariff.Energy.FirstOrDefault(c => c.Rates.Any(r => r.Tiers.Any(t => t.Sell is not null)))
        ?? tariff.Energy.FirstOrDefault(c => !c.Rates.IsEmpty)
        ?? tariff.Energy.FirstOrDefault();

    /// <summary>Why it is not said what an exported kWh earns: where one of several selling charges is silent, the export terms' price would come on top of another's. Null = it is said.</summary>
    public static string? FindConflict(Tariff tariff)
    {
        string[] selling = [.. tariff.Energy.Where(c => c.Rates.Any(r => r.Tiers.Any(t => t.Sell is not null))).Select(c => c.Id)];
        return tariff.Export?.SellPrice is null || selling.Length < 2 || !Find(tariff)!.Rates.Any(r => r.Tiers.Any(t => t.Sell is null))
            ? null
            : $"{string.Join(" and ", selling)} have sell prices of their own, and export.sellPrice would be paid beside them: say sell in every tier of {selling[0]}, or leave sellPrice out";
    }

    /// <summary>Whether anything says what an exported kWh is worth.</summary>
    public static bool HasPrice(Tariff tariff) =>
        tariff.Export?.SellPrice is not null || tariff.Energy.Any(c => c.Index?.SellShare is not null || c.Rates.Any(r => r.Tiers.Any(t => t.Sell is not null)));
}
