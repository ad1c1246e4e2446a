using System.Globalization;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>Tariffs: what they are changed by, and what is read of them.</summary>
public sealed partial class SimulatedUtility
{
    private readonly List<SimTariff> tariffs = [];

    public IReadOnlyList<SimTariff> Tariffs => Locked(() => tariffs.ToList());

    public SimTariff AddTariff(byte primacy, int fsa = 1, int multiplier = 0) => Locked(() =>
    {
        var tariff = new SimTariff { Number = tariffs.Count == 0 ? 1 : tariffs.Max(t => t.Number) + 1, MRid = NextMRid('7'), Primacy = primacy, Fsa = fsa, Multiplier = multiplier, IsCombined = options.IsCsipAus13 };
        tariffs.Add(tariff);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"Tariff {tariff.Number} with primacy {primacy} in FSA {fsa}"));
        return tariff;
    });

    /// <summary>Takes a tariff away from all devices.</summary>
    public void RemoveTariff(SimTariff tariff) => Locked(() => tariffs.Remove(tariff));

    public SimRateComponent AddComponent(SimTariff tariff, int? flowDirection, int uom = 72, int multiplier = 0, int? commodity = null) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(tariff);
        var component = new SimRateComponent { Number = ++counter, MRid = NextMRid('8'), FlowDirection = flowDirection, Uom = uom, Multiplier = multiplier, Commodity = commodity };
        tariff.Components.Add(component);
        return component;
    });

    public SimPrice AddPrice(SimRateComponent component, Instant start, Duration length, IReadOnlyList<(long From, int Price)> blocks, int? randomizeStart = null) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(component);
        var price = new SimPrice
        {
            Number = ++counter,
            MRid = NextMRid('9'),
            Created = Now,
            Start = Instant.FromUnixTimeSeconds(start.ToUnixTimeSeconds()),
            Length = length,
            Blocks = blocks,
            RandomizeStart = randomizeStart,
        };
        component.Intervals.Add(price);
        issued.Add(price.MRid);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"Price {blocks[0].Price} from {price.Start:HH:mm:ss} for {length.TotalSeconds} s"));
        return price;
    });

    public void Cancel(SimPrice price) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(price);
        price.CancelledAt ??= Now;
        return 0;
    });

    private List<SimTariff> GetTariffs(int fsa) => tariffs.FindAll(t => t.Fsa == fsa);

    private XElement TariffList(SimRequest request, SimDevice d, string href, IEnumerable<SimTariff> shown) =>
        SepXml.List("TariffProfileList", href, Page(request), [.. shown.OrderBy(t => t.Primacy).Select(t => TariffResources.Profile(d, t, Now, xml))], rates.Tariffs, subscribable: true);

    private XElement ReadTariff(SimRequest request, SimDevice d, string number, string[] path)
    {
        var tariff = tariffs.Find(t => t.Number == Number(number)) ?? throw Missing();
        var href = $"/edev/{d.Number}/tp/{tariff.Number}";
        return path switch
        {
            [] => TariffResources.Profile(d, tariff, Now, xml),
            ["rc"] => SepXml.List("RateComponentList", $"{href}/rc", Page(request), [.. tariff.Components.Select(c => TariffResources.Component(d, tariff, c, Now))], null, subscribable: true),
            ["rc", var component, .. var rest] => ReadComponent(request, d, tariff, tariff.Components.Find(c => c.Number == Number(component)) ?? throw Missing(), rest),
            ["ctti"] when tariff.IsCombined => SepXml.List("TimeTariffIntervalList", $"{href}/ctti", Page(request),
                [.. TariffResources.Listed(tariff, Now).Select(p => TariffResources.Interval(d, tariff, p.Component, p.Price, Now, xml))], rates.Prices, subscribable: true),
            _ => throw Missing(),
        };
    }

    private XElement ReadComponent(SimRequest request, SimDevice d, SimTariff t, SimRateComponent c, string[] path) => path switch
    {
        [] => TariffResources.Component(d, t, c, Now),
        ["rt"] => TariffResources.ReadingType(d, t, c),
        ["tti"] => SepXml.List("TimeTariffIntervalList", $"/edev/{d.Number}/tp/{t.Number}/rc/{c.Number}/tti", Page(request),
            [.. TariffResources.Listed(c, Now).Select(p => TariffResources.Interval(d, t, c, p, Now, xml))], options.IsCsipAus13 ? rates.Prices : null, subscribable: true),
        ["tti", var price] => TariffResources.Interval(d, t, c, GetPrice(c, price), Now, xml),
        ["tti", var price, "cti"] => SepXml.List("ConsumptionTariffIntervalList", $"/edev/{d.Number}/tp/{t.Number}/rc/{c.Number}/tti/{price}/cti", Page(request),
            TariffResources.Prices(d, t, c, GetPrice(c, price)), null, subscribable: false),
        _ => throw Missing(),
    };

    private static SimPrice GetPrice(SimRateComponent c, string number) => c.Intervals.Find(p => p.Number == Number(number)) ?? throw Missing();
}
