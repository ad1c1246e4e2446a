using System.Collections.Immutable;

namespace GridServices.Contracts;

/// <summary>
/// The live state that a sequence of publications leaves: per <see cref="StreamKey"/> the highest revision, tombstones kept (architecture law 7).
/// Immutable. Applying in another order, or twice, gives the same set; a lower revision never brings anything back.
/// </summary>
public sealed class LiveSet
{
    private readonly ImmutableDictionary<StreamKey, Held> _held;

    private LiveSet(ImmutableDictionary<StreamKey, Held> held) => _held = held;

    public static LiveSet Empty { get; } = new(ImmutableDictionary<StreamKey, Held>.Empty);

    /// <summary>Live envelopes, in the order of their keys.</summary>
    public IReadOnlyList<Envelope> Envelopes => From<Envelope>();

    /// <summary>Tombstones.</summary>
    public IReadOnlyList<Withdrawal> Withdrawals => From<Withdrawal>();

    /// <summary>Price series; one without segments is a withdrawn one.</summary>
    public IReadOnlyList<PriceSeries> Prices => From<PriceSeries>();

    /// <summary>The set a late joiner starts from; changes that it contains already change nothing more.</summary>
    public static LiveSet From(SiteSnapshot snapshot) => From(snapshot.Envelopes, snapshot.Withdrawn, snapshot.Prices);

    public static LiveSet From(IEnumerable<Envelope> envelopes, IEnumerable<Withdrawal>? withdrawn = null, IEnumerable<PriceSeries>? prices = null)
    {
        var set = envelopes.Aggregate(Empty, (s, e) => s.Apply(e).Next);
        set = (withdrawn ?? []).Aggregate(set, (s, w) => s.Apply(w).Next);
        return (prices ?? []).Aggregate(set, (s, p) => s.Apply(p).Next);
    }

    public LiveChange Apply(Publication publication) => Apply(publication.Key, publication.Revision, publication.Data);

    public LiveChange Apply(Envelope envelope) => Apply(StreamKey.From(envelope), envelope.Revision, envelope);

    public LiveChange Apply(Withdrawal withdrawal) => Apply(StreamKey.From(withdrawal), withdrawal.Revision, withdrawal);

    public LiveChange Apply(PriceSeries prices) => Apply(StreamKey.From(prices), prices.Revision, prices);

    /// <summary>How a revision stands against the one that is held, if any.</summary>
    public static Supersession Judge(long revision, long? heldRevision, Func<bool> sameContent) =>
        heldRevision is not { } held || revision > held ? Supersession.Accepted
        : revision < held ? Supersession.Stale
        : sameContent() ? Supersession.Duplicate
        : Supersession.Conflict;

    private LiveChange Apply(StreamKey key, long revision, object data)
    {
        var held = _held.GetValueOrDefault(key);
        var verdict = Judge(revision, held?.Revision, () => held!.Data.GetType() == data.GetType() && CanonicalJson.SameContent(held.Data, data));
        return new LiveChange(verdict == Supersession.Accepted ? new LiveSet(_held.SetItem(key, new Held(revision, data))) : this, verdict);
    }

    private ImmutableArray<T> From<T>() =>
    [
        .. _held.Where(h => h.Value.Data is T)
            .OrderBy(h => h.Key.SiteId, StringComparer.Ordinal)
            .ThenBy(h => h.Key.Target?.Kind)
            .ThenBy(h => h.Key.Target?.Id, StringComparer.Ordinal)
            .ThenBy(h => h.Key.Stream.Service, StringComparer.Ordinal)
            .ThenBy(h => h.Key.Stream.Key, StringComparer.Ordinal)
            .Select(h => (T)h.Value.Data),
    ];

    private sealed record Held(long Revision, object Data);
}

/// <summary>The set afterwards, and what became of the publication.</summary>
public sealed record LiveChange(LiveSet Next, Supersession Verdict);

/// <summary>Accepted: a new key or a higher revision. Duplicate: held with equal content. Stale: a higher one is held. Conflict: held with other content.</summary>
public enum Supersession
{
    Accepted,
    Duplicate,
    Stale,
    Conflict,
}
