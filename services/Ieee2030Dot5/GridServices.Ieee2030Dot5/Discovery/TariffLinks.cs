using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>What the intervals of a tariff link to, and how much of a tariff is followed.</summary>
internal static class TariffLinks
{
    /// <summary>Tariffs of a list that are followed; more than any site has.</summary>
    public const int MostTariffs = 32;

    /// <summary>Components of a tariff: with more, no sum of it is complete.</summary>
    public const int MostComponents = 256;

    /// <summary>Intervals of a list: with more, no sum of its tariff is complete.</summary>
    public const int MostIntervals = 4_096;

    /// <summary>True: the list holds all prices, legibly, so that nothing else need be asked for.</summary>
    public static bool IsWhole(ConsumptionTariffIntervalList? prices) =>
        prices is { Contradiction: null, Items.Count: > 0 } && prices.Items.Count >= prices.All && !prices.Unreadable.Any();

    /// <summary>The listed components that are followed, by their paths.</summary>
    public static Dictionary<string, RateComponent> ByPath(DerClientConfig config, Node? components)
    {
        var paths = new Dictionary<string, RateComponent>(StringComparer.Ordinal);
        foreach (var component in ((components?.Known as RateComponentList)?.Readable ?? []).Take(MostComponents))
        {
            if (component.Href is { } href && Hrefs.TryPin(config.ServerUrl, components!.Href, href, out var path, out _))
            {
                _ = paths.TryAdd(path, component);
            }
        }

        return paths;
    }

    /// <summary>The listed component that a link in another document leads to; null: none.</summary>
    public static RateComponent? FindComponent(DerClientConfig config, Dictionary<string, RateComponent> listed, Node from, string href) =>
        Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _) ? listed.GetValueOrDefault(path) : null;
}
