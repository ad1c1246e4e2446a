using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>What the intervals of a tariff link to.</summary>
internal static class TariffLinks
{
    /// <summary>True: the summary holds all prices, legibly, so that their list need not be asked for.</summary>
    public static bool IsWhole(ConsumptionTariffIntervalList? summary) =>
        summary is { Contradiction: null, Items.Count: > 0 } && summary.Items.Count >= summary.All && !summary.Unreadable.Any();

    /// <summary>The component of a list that a link in another document leads to; null: none.</summary>
    public static RateComponent? Of(DerClientConfig config, Node components, Node from, string href) =>
        Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _)
            ? (components.Known as RateComponentList)?.Readable.FirstOrDefault(c => c.Href is { } own && Hrefs.TryPin(config.ServerUrl, components.Href, own, out var stands, out _) && stands == path)
            : null;
}
