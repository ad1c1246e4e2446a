using System.Runtime.CompilerServices;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Reports;

/// <summary>The channels of a configuration by name and by site: an aggregator has thousands, and each step looks for some.</summary>
internal sealed class ChannelIndex
{
    private static readonly ConditionalWeakTable<VenConfig, ChannelIndex> Known = [];

    private readonly Dictionary<(ReportKind Kind, string RId), ReportConfig> _byName = [];
    private readonly Dictionary<string, List<ReportConfig>> _bySite = new(StringComparer.Ordinal);

    private ChannelIndex(VenConfig config)
    {
        foreach (var channel in config.Reports)
        {
            _byName.TryAdd((channel.Kind, channel.RId), channel);
            if (Channels.FindSite(config, channel) is { } site)
            {
                (_bySite.TryGetValue(site, out var measured) ? measured : _bySite[site] = []).Add(channel);
            }
        }
    }

    /// <summary>Of this configuration; made once.</summary>
    public static ChannelIndex For(VenConfig config) => Known.GetValue(config, c => new ChannelIndex(c));

    public ReportConfig? Named(ReportKind kind, string rId) => _byName.GetValueOrDefault((kind, rId));

    /// <summary>The channels that measure the site.</summary>
    public IReadOnlyList<ReportConfig> At(string siteId) => _bySite.GetValueOrDefault(siteId) ?? (IReadOnlyList<ReportConfig>)[];
}
