using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>
/// What everybody else states for a site: the live envelopes but our own, merged as the hub merges them.
/// Our own reservation must not bind the response that it is kept for.
/// </summary>
internal sealed class OtherLimits(IClock clock)
{
    public const string OurService = "frequency";
    private readonly ConcurrentDictionary<EntryId, Held> _sites = new();

    /// <summary>All that is live at a site, replaced.</summary>
    public void Set(EntryId site, IReadOnlyCollection<Envelope> live) =>
        _sites[site] = new Held([.. live.Where(e => e.Stream.Service != OurService)]);

    public void Forget(EntryId site) => _sites.TryRemove(site, out _);

    /// <summary>True once the hub has told what is live.</summary>
    public bool Knows(EntryId site) => _sites.ContainsKey(site);

    /// <summary>Import and export limit at the connection now, W; null = nobody states one, or the hub was never heard.</summary>
    public (long? ImportW, long? ExportW) Now(EntryId site)
    {
        if (!_sites.TryGetValue(site, out var held) || held.Envelopes.Count == 0)
        {
            return (null, null);
        }

        var limits = EffectiveEnvelope.At(site.Key, held.Envelopes, new EnvelopeTarget(TargetKind.Site, site.Key), clock.GetCurrentInstant());
        return (limits.ImportLimitW?.Value, limits.ExportLimitW?.Value);
    }

    private sealed record Held(IReadOnlyList<Envelope> Envelopes);
}
