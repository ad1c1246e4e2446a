using GridServices.Adapters.Lines;

namespace GridServices.Adapters.Service.Settings;

/// <summary>
/// Boxes of relays and charging stations act on what they are told: two of them that are told a site's whole limit would together do twice what is allowed.
/// Numbers at topics and in registers are not counted: who reads them is not known here, and many only show them.
/// </summary>
internal static class Shares
{
    /// <summary>Who acts, of one adapter.</summary>
    public static IReadOnlyList<PeerShare> Read(string name, AdapterSettings settings) => settings.Kind switch
    {
        AdapterKind.Mqtt => [.. settings.Contacts.Select((box, i) => (box, i)).Where(x => x.box.Quantity is not null)
            .Select(x => new PeerShare($"{AdapterReader.Section}:{name}:Contacts:{x.i}", x.box.Quantity!.Value, x.box.SharePercent))],
        AdapterKind.Everest =>
        [
            .. new[] { Quantity.ConsumptionW, Quantity.ProductionW }
                .Select(quantity => new PeerShare($"{AdapterReader.Section}:{name}:Everest", quantity, settings.Everest?.SharePercent ?? Share.Whole)),
        ],
        AdapterKind.Ocpp => [new PeerShare($"{AdapterReader.Section}:{name}:Ocpp", Quantity.ConsumptionW, settings.Ocpp?.SharePercent ?? Share.Whole)],
        AdapterKind.Oscp =>
        [
            .. new[] { Quantity.ConsumptionW, Quantity.ProductionW }
                .Select(quantity => new PeerShare($"{AdapterReader.Section}:{name}:Oscp", quantity, settings.Oscp?.SharePercent ?? Share.Whole)),
        ],
        _ => [],
    };

    /// <summary>Every limit of a site of which more than all is given away. One hub may have several names, so it is not told apart by them.</summary>
    public static IEnumerable<string> FindExcess(IReadOnlyList<AdapterPlan> plans) => plans
        .Where(p => p.Session.Hub.SiteId.Length > 0)
        .SelectMany(p => p.Shares.SelectMany(s => GetParts(s.Quantity).Select(part => (Site: p.Session.Hub.SiteId, Part: part, Share: s))))
        .GroupBy(x => (x.Site, x.Part), x => x.Share)
        .Where(g => g.Count() > 1 && g.Sum(s => s.Percent) > Share.Whole)
        .GroupBy(g => string.Join(" and ", g.Select(s => s.Setting)), g => (SiteId: g.Key.Site, Name: g.Key.Part, Sum: g.Sum(s => s.Percent)), StringComparer.Ordinal)
        .Select(g => $"{g.Key} would be told {g.Max(x => x.Sum)} % of the {string.Join(" and of the ", g.Select(x => x.Name))} limit of {g.First().SiteId} together: "
            + $"give each a SharePercent, {Share.Whole} together at most.");

    // The site's limits that a quantity is the least of.
    private static IReadOnlyList<string> GetParts(Quantity quantity) => quantity switch
    {
        Quantity.ImportLimitW => ["import"],
        Quantity.ExportLimitW => ["export"],
        Quantity.ChargeLimitW => ["charging"],
        Quantity.DischargeLimitW => ["discharging"],
        Quantity.GenerationLimitW => ["generation"],
        Quantity.LoadLimitW => ["load"],
        Quantity.ConsumptionW => ["import", "load", "charging"],
        Quantity.ProductionW => ["export", "generation", "discharging"],
        _ => [],
    };
}
