using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <remarks>
/// <code>
/// FunctionSetAssignments ─▶ TariffProfileList ─▶ RateComponentList ─▶ ReadingType
///                                  │                  └─▶ TimeTariffIntervalList ─▶ ConsumptionTariffIntervalList
///                                  └─▶ CombinedTimeTariffIntervalList (CSIP-AUS 1.3, instead) ─▶ RateComponent that the list lacks
/// </code>
/// </remarks>
internal sealed partial class ResourceTree
{
    private void Tariffs(FunctionSetAssignments assignment, Node fsa)
    {
        if (Link(assignment.TariffProfileListLink?.Href, fsa, NodeKind.TariffList) is not { Known: TariffProfileList tariffs } list)
        {
            return;
        }

        foreach (var tariff in tariffs.Readable.Take(TariffLinks.MostTariffs))
        {
            var components = Link(tariff.RateComponentListLink?.Href, list, NodeKind.ComponentList);
            foreach (var component in ((components?.Known as RateComponentList)?.Readable ?? []).Take(TariffLinks.MostComponents))
            {
                Link(component.ReadingTypeLink?.Href, components!, NodeKind.ReadingType);
                if (tariff.CombinedTimeTariffIntervalListLink is null)
                {
                    Intervals((component.TimeTariffIntervalListLink ?? component.ActiveTimeTariffIntervalListLink)?.Href, components!, null);
                }
            }

            Intervals(tariff.CombinedTimeTariffIntervalListLink?.Href, list, components);
        }
    }

    private bool IsToCome(Node? node) => node is { Known: null } && _turn.Line.Readings.GetValueOrDefault(node.Key) is null or { Pages: not null } && !_turn.Line.Holds.ContainsKey(node.Key);

    private void Intervals(string? href, Node from, Node? components)
    {
        if (Link(href, from, NodeKind.IntervalList) is not { Known: TimeTariffIntervalList intervals } list)
        {
            return;
        }

        var (now, listed) = (_turn.ServerNow, TariffLinks.ByPath(_turn.Config, components));
        foreach (var interval in intervals.Readable.Take(TariffLinks.MostIntervals).Where(i => Instant.FromUnixTimeSeconds(i.Interval.End) > now))
        {
            if (!TariffLinks.IsWhole(interval.Summary))
            {
                Link(interval.ConsumptionTariffIntervalListLink?.Href, list, NodeKind.PriceList);
            }

            // CSIP-AUS PRC-05: a component that the list, as last read, lacks is followed from the interval; the list is not read sooner for it.
            if (!IsToCome(components) && interval.RateComponentLink is { } link && TariffLinks.FindComponent(_turn.Config, listed, list, link.Href) is null
                && Link(link.Href, list, NodeKind.Component, components?.Rate ?? from.Rate) is { Known: RateComponent component } found)
            {
                Link(component.ReadingTypeLink?.Href, found, NodeKind.ReadingType);
            }
        }
    }
}
