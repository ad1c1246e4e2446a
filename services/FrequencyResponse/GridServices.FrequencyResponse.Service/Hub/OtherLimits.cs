using System.Collections.Concurrent;
using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>What everybody else states for a site: merged as the hub merges it.</summary>
internal sealed class OtherLimits(IClock clock)
{
    public const string OurService = "frequency";
    private readonly ConcurrentDictionary<EntryId, (HeldLimits Held, ImmutableArray<Envelope> Followed)> _sites = new();
    private readonly ConcurrentDictionary<EntryId, byte> _doubted = new();
    private volatile string? _tenant;

    /// <summary>Whose sites the hub is asked about: of another tenant nobody states anything here.</summary>
    public void Follow(string tenant) => _tenant = tenant;

    /// <summary>All that is followed at a site, replaced.</summary>
    /// <exception cref="ArgumentException">It can't be merged; nothing is replaced.</exception>
    public void Set(EntryId site, HeldLimits held)
    {
        ImmutableArray<Envelope> followed = [.. held.Followed()];
        _ = Merge(site, followed);
        _sites[site] = (held, followed);
        _doubted.TryRemove(site, out _);
    }

    /// <summary>There is newer word that nobody could work out: what is held is kept to go on from, and the site is not known until the next word.</summary>
    public void Doubt(EntryId site) => _doubted[site] = 0;

    public void Remove(EntryId site)
    {
        _sites.TryRemove(site, out _);
        _doubted.TryRemove(site, out _);
    }

    /// <summary>What is held; null = neither did the hub ever tell, nor is anything kept from before.</summary>
    public HeldLimits? Find(EntryId site) => _sites.TryGetValue(site, out var held) ? held.Held : null;

    /// <summary>
    /// True once the hub has told what is live, or what it told a process before was read from the store, and while its last word could be worked out.
    /// Else nobody knows that there is no limit.
    /// </summary>
    public bool IsKnown(EntryId site) => (_sites.ContainsKey(site) && !_doubted.ContainsKey(site)) || (_tenant is { } tenant && tenant != site.Tenant);

    /// <summary>Import and export limit at the connection now, W; null = nobody states one. Means nothing where the site is not known.</summary>
    public (long? ImportW, long? ExportW) Now(EntryId site)
    {
        if (!_sites.TryGetValue(site, out var held) || held.Followed.IsEmpty)
        {
            return (null, null);
        }

        var limits = Merge(site, held.Followed);
        return (limits.ImportLimitW?.Value, limits.ExportLimitW?.Value);
    }

    private EffectiveLimits Merge(EntryId site, ImmutableArray<Envelope> followed) =>
        EffectiveEnvelope.At(site.Key, followed, new EnvelopeTarget(TargetKind.Site, site.Key), clock.GetCurrentInstant());
}
