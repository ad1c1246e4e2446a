using NodaTime;

namespace GridServices.EnvelopeHub.History;

/// <summary>A publisher that the hub knows.</summary>
public sealed record KnownPublisher
{
    public required PublisherId Id { get; init; }

    /// <summary>True: it says hello, and is waited for until it says "restated". False: it is known from its publications only.</summary>
    public bool Speaks { get; init; }

    public required Instant FirstHeard { get; init; }

    /// <summary>The epoch in which it has said everything live; null: none.</summary>
    public string? Restated { get; init; }

    /// <summary>Null: not since the hub started.</summary>
    public Instant? LastHeard { get; init; }

    /// <summary>It has not yet confirmed since the hub started that the store is the one it knows.</summary>
    public bool Unconfirmed { get; init; }

    /// <summary>
    /// It once knew the hub, and then said hello without knowing any: its store was lost. That it has nothing to say proves nothing then;
    /// it is waited for until it publishes, or a person strikes it.
    /// </summary>
    public bool Forgot { get; init; }

    /// <summary>It once came with the epoch of an answer of the hub. One that never gives it, as it may, shows no loss by coming without.</summary>
    public bool KnewHub { get; init; }

    /// <summary>A publication of it was taken since the hub started.</summary>
    public bool HasPublished { get; init; }

    /// <summary>The newest start of an instance of the hub, by the first number of its run, that was known when it last confirmed the store.</summary>
    public long ConfirmedRun { get; init; }
}

/// <summary>
/// Who publishes, who has restated in the present epoch, and so whether a tenant's limits are complete. Not thread-safe; the shell guards it.
/// </summary>
public sealed class PublisherRegistry(Duration settleTime)
{
    /// <summary>More sources than this per tenant are not waited for: a caller could keep the hub incomplete with invented ones.</summary>
    public const int MostSources = 1000;

    private readonly Dictionary<PublisherId, KnownPublisher> _known = [];
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private string _epoch = string.Empty;
    private Instant _beganAt;
    private long _ownRun;
    private long _newestRun;

    public IEnumerable<KnownPublisher> Known => _known.Values;

    /// <summary>Tenants that are complete in this epoch for good; a publisher that is new to them is not waited for.</summary>
    public IReadOnlySet<string> Settled => _settled;

    /// <summary>The hub starts, or begins another epoch.</summary>
    /// <param name="epoch">The present epoch.</param>
    /// <param name="beganAt">When it began.</param>
    /// <param name="known">The publishers as the store and the marker know them.</param>
    /// <param name="settled">The tenants that are complete in it already.</param>
    /// <param name="ownRun">The start of this instance, by the first number of its run: who confirmed the store at another instance since then has confirmed it here.</param>
    /// <param name="newestRun">The newest start of any instance.</param>
    public void Begin(string epoch, Instant beganAt, IEnumerable<KnownPublisher> known, IEnumerable<string> settled, long ownRun = 1, long newestRun = 1)
    {
        ArgumentNullException.ThrowIfNull(known);
        (_epoch, _beganAt, _ownRun, _newestRun) = (epoch, beganAt, ownRun, newestRun);
        _known.Clear();
        _settled.Clear();
        _settled.UnionWith(settled);
        foreach (var publisher in known)
        {
            _known[publisher.Id] = publisher with { Unconfirmed = IsUnconfirmed(publisher) };
        }
    }

    /// <summary>Takes what publishers have said to other instances on the same store.</summary>
    /// <param name="stored">All that the store knows by now.</param>
    /// <param name="settled">The tenants that are complete in this epoch.</param>
    /// <param name="newestRun">The newest start of any instance.</param>
    /// <param name="isNewer">What is known of it here is not in the store yet.</param>
    /// <param name="isNamed">It is awaited by a setting, whether the store knows it or not.</param>
    /// <returns>Those that were struck at another instance.</returns>
    public IReadOnlyList<PublisherId> Merge(
        IReadOnlyList<KnownPublisher> stored, IEnumerable<string> settled, long newestRun, Func<PublisherId, bool> isNewer, Func<PublisherId, bool>? isNamed = null)
    {
        ArgumentNullException.ThrowIfNull(stored);
        _newestRun = Math.Max(_newestRun, newestRun);
        _settled.UnionWith(settled);
        var struck = _known.Keys.Except(stored.Select(publisher => publisher.Id)).Where(id => !isNewer(id) && isNamed?.Invoke(id) != true).ToList();
        struck.ForEach(id => _known.Remove(id));
        foreach (var publisher in stored)
        {
            _known[publisher.Id] = _known.TryGetValue(publisher.Id, out var here)
                ? Merged(here, publisher, isNewer(publisher.Id))
                : publisher with { Unconfirmed = IsUnconfirmed(publisher) };
        }

        return struck;
    }

    private KnownPublisher Merged(KnownPublisher here, KnownPublisher stored, bool isNewer) => here with
    {
        Speaks = here.Speaks || stored.Speaks,
        KnewHub = here.KnewHub || stored.KnewHub,
        Unconfirmed = here.Unconfirmed && IsUnconfirmed(stored),
        ConfirmedRun = Math.Max(here.ConfirmedRun, stored.ConfirmedRun),
        Restated = HasRestated(stored) ? _epoch : here.Restated,
        Forgot = isNewer ? !here.HasPublished && (here.Forgot || stored.Forgot) : stored.Forgot,

        // Only a publication, taken by another instance, ends that.
        HasPublished = here.HasPublished || (here.Forgot && !isNewer && !stored.Forgot),
    };

    private bool IsUnconfirmed(KnownPublisher publisher) => publisher.Speaks && publisher.ConfirmedRun < _ownRun;

    /// <summary>A publisher said hello, and its epoch and head fit this store.</summary>
    /// <param name="id">Who.</param>
    /// <param name="restated">The epoch in which it has said everything live.</param>
    /// <param name="now">The present.</param>
    /// <param name="knowsHub">False: it gives no epoch of an answer of the hub.</param>
    /// <returns>What is to be stored, or null where nothing new was said.</returns>
    public KnownPublisher? Hello(PublisherId id, string? restated, Instant now, bool knowsHub = true) => TryUpdate(id, now, known =>
    {
        // Where nobody waits for it, the hub holds what it stated: that its store was lost then takes nothing away.
        var forgot = !known.HasPublished && (known.Forgot || (!knowsHub && known is { KnewHub: true, Speaks: true } && IsAwaited(known)));
        return forgot ? known with { Forgot = true } : known with
        {
            Speaks = true,
            KnewHub = known.KnewHub || knowsHub,
            Unconfirmed = false,
            ConfirmedRun = Math.Max(known.ConfirmedRun, _newestRun),
            Forgot = false,
            Restated = string.Equals(restated, _epoch, StringComparison.Ordinal) ? restated : known.Restated,
        };
    });

    /// <summary>A publication of it was taken, or held already. One that never says hello has restated with it.</summary>
    /// <returns>What is to be stored, or null where nothing new was said.</returns>
    public KnownPublisher? Published(PublisherId id, Instant now) => TryUpdate(id, now, Publishing);

    /// <summary>What is to be stored together with a publication of one that never says hello, before it is taken; null where that is nothing new.</summary>
    public KnownPublisher? ToStoreWith(PublisherId id, Instant now) => Changed(id, now, Publishing) is { Speaks: false } after && IsNews(after) ? after : null;

    /// <summary>A publisher that will never come back: nobody waits for it.</summary>
    public bool Remove(PublisherId id) => _known.Remove(id);

    /// <summary>What the tenant's controllers are told now.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="now">When the epoch began, and the time that has gone by since on a steady clock: one that is set ahead must not end the wait.</param>
    public TenantHistory GetTenantHistory(string tenant, Instant now)
    {
        var settled = _settled.Contains(tenant);
        var waiting = _known.Values
            .Where(known => BelongsTo(known, tenant) && IsAwaited(known))
            .Select(known => known.Id.Source)
            .Order(StringComparer.Ordinal)
            .ToList();

        // Nobody was known when the epoch began: whoever publishes gets time to come by.
        var tooEarly = !settled && now < _beganAt + settleTime && !_known.Values.Any(known => BelongsTo(known, tenant) && known.FirstHeard < _beganAt);
        return new TenantHistory(_epoch, tooEarly || waiting.Count > 0, waiting);
    }

    /// <summary>Makes complete tenants complete for good.</summary>
    /// <param name="now">As of <see cref="GetTenantHistory"/>.</param>
    /// <returns>Those that were not before, and the epoch in which they are.</returns>
    public (string Epoch, IReadOnlyList<string> Tenants) Settle(Instant now)
    {
        var fresh = _known.Keys.Select(id => id.Tenant).Distinct(StringComparer.Ordinal).Where(tenant => !_settled.Contains(tenant) && !GetTenantHistory(tenant, now).Incomplete).ToList();
        _settled.UnionWith(fresh);
        return (_epoch, fresh);
    }

    private KnownPublisher Publishing(KnownPublisher known) => known with { HasPublished = true, Forgot = false, Restated = known.Speaks ? known.Restated : _epoch };

    private static bool BelongsTo(KnownPublisher known, string tenant) => string.Equals(known.Id.Tenant, tenant, StringComparison.Ordinal);

    // A store and its marker may have been put back together: until each publisher has confirmed what it has seen, nobody knows.
    private bool IsAwaited(KnownPublisher known) => known.Unconfirmed || (!_settled.Contains(known.Id.Tenant) && !HasRestated(known));

    private bool HasRestated(KnownPublisher known) => string.Equals(known.Restated, _epoch, StringComparison.Ordinal);

    private KnownPublisher? TryUpdate(PublisherId id, Instant now, Func<KnownPublisher, KnownPublisher> change)
    {
        if (Changed(id, now, change) is not { } after)
        {
            return null;
        }

        var isNews = IsNews(after);
        _known[id] = after;
        return isNews ? after : null;
    }

    private KnownPublisher? Changed(PublisherId id, Instant now, Func<KnownPublisher, KnownPublisher> change) =>
        _known.TryGetValue(id, out var before) ? change(before) with { LastHeard = now }
        : _known.Keys.Count(key => string.Equals(key.Tenant, id.Tenant, StringComparison.Ordinal)) >= MostSources ? null

        // Never before the history itself, by whatever clock it was heard: that would read as known before.
        : change(new KnownPublisher { Id = id, FirstHeard = Instant.Max(now, _beganAt) }) with { LastHeard = now };

    private bool IsNews(KnownPublisher after) => !_known.TryGetValue(after.Id, out var before)
        || (after.Speaks, after.Forgot, after.KnewHub, after.Restated, after.ConfirmedRun) != (before.Speaks, before.Forgot, before.KnewHub, before.Restated, before.ConfirmedRun);
}
