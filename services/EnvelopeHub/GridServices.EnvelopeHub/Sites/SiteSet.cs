using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Sites;

/// <summary>What becomes of a submission.</summary>
public enum Verdict
{
    /// <summary>Higher than what is held: it replaces it whole.</summary>
    Accepted,

    /// <summary>The revision that is held, again.</summary>
    Duplicate,

    /// <summary>Lower than what is held.</summary>
    Stale,

    /// <summary>The revision that is held, with another content.</summary>
    Conflict,

    /// <summary>The site has as many targets and streams as it may have.</summary>
    TooMany,

    /// <summary>Another stream's live envelope has the same id.</summary>
    IdTaken,

    /// <summary>So high that hardly a revision is left above it.</summary>
    RevisionTooHigh,
}

/// <summary>
/// All that is live at a site, tombstones included, at one sequence. Immutable: a publication makes the next one.
/// </summary>
public sealed record SiteSet
{
    /// <summary>More keys than this at one site are refused: a caller could fill the memory with invented streams.</summary>
    public const int MostKeys = 4096;

    /// <summary>Beyond it a revision may go up by this much at a time only: one that is near the largest number leaves no room above it.</summary>
    private const long FreeRevisions = 1L << 52;
    private const long HighestLeap = 1L << 20;

    private readonly ImmutableDictionary<StreamKey, Entry> _byKey;
    private TimeSpan? _shortestStaleAfter;

    private SiteSet(long sequence, ImmutableDictionary<StreamKey, Entry> byKey, ImmutableDictionary<string, DamagedStream> damaged)
    {
        Sequence = sequence;
        _byKey = byKey;
        Damaged = damaged;
    }

    /// <summary>A site nobody published for yet.</summary>
    public static SiteSet Empty { get; } = new(0, ImmutableDictionary<StreamKey, Entry>.Empty, ImmutableDictionary<string, DamagedStream>.Empty);

    /// <summary>The last sequence allotted; 0 where nothing was ever published.</summary>
    public long Sequence { get; }

    /// <summary>
    /// Streams, by <see cref="KeyText"/>, whose stored content does not fit its hash: what they state is unknown, which is not the same as nothing.
    /// A publication of the stream ends it. Streams that are missing without a name end with the first publication after another epoch has had all publishers asked.
    /// </summary>
    public ImmutableDictionary<string, DamagedStream> Damaged { get; }

    /// <summary>How many streams the site has, tombstones, damaged and missing ones included.</summary>
    public long LiveCount => _byKey.Count + Damaged.Values.Sum(stream => stream.Streams);

    /// <summary>One per key, in the order of their sequence.</summary>
    public IEnumerable<Entry> Entries => _byKey.Values.OrderBy(entry => entry.Sequence);

    public IEnumerable<Envelope> Envelopes => Data<Envelope>();

    /// <summary>The shortest silence after which a controller gives a stream of the site up; null: no stream states one.</summary>
    public TimeSpan? ShortestStaleAfter
    {
        get
        {
            _shortestStaleAfter ??= Envelopes.Where(e => e.Failsafe is not null).Select(e => e.Failsafe!.StaleAfter.ToTimeSpan()).DefaultIfEmpty(TimeSpan.MaxValue).Min();
            return _shortestStaleAfter == TimeSpan.MaxValue ? null : _shortestStaleAfter;
        }
    }

    /// <summary>Whether an envelope of the stream lives; where something is damaged it may be of any stream.</summary>
    public bool Lives(StreamId stream) => !Damaged.IsEmpty || Envelopes.Any(envelope => envelope.Stream == stream);

    /// <summary>The set as the store holds it.</summary>
    public static SiteSet Create(long sequence, IEnumerable<Entry> entries, IEnumerable<DamagedStream>? damaged = null) => new(
        sequence,
        entries.ToImmutableDictionary(entry => entry.Key),
        (damaged ?? []).ToImmutableDictionary(stream => stream.Key, StringComparer.Ordinal));

    /// <summary>What is live of one kind: <see cref="Envelope"/>, <see cref="PriceSeries"/>, or the tombstones (<see cref="Withdrawal"/>).</summary>
    public IEnumerable<T> Data<T>() => Entries.Select(entry => entry.Data).OfType<T>();

    /// <summary>What is held for a key, or null.</summary>
    public Entry? Find(StreamKey key) => _byKey.GetValueOrDefault(key);

    // architecture law 7: higher replaces, equal is a duplicate or a conflict, lower is stale.
    public Verdict Evaluate(PublicationEntry submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var held = Find(submission.Publication.Key);
        var verdict = LiveSet.Judge(
            submission.Publication.Revision, held?.Revision, () => string.Equals(submission.Content, held!.Content, StringComparison.Ordinal));
        return verdict switch
        {
            Supersession.Accepted when held is null && _byKey.Count >= MostKeys => Verdict.TooMany,
            Supersession.Accepted when submission.Publication.Revision is > FreeRevisions and var high && high - (held?.Revision ?? 0) > HighestLeap => Verdict.RevisionTooHigh,
            Supersession.Accepted when IsTaken(submission.Publication) => Verdict.IdTaken,
            Supersession.Accepted => Verdict.Accepted,
            Supersession.Duplicate => Verdict.Duplicate,
            Supersession.Stale => Verdict.Stale,
            _ => Verdict.Conflict,
        };
    }

    // A receipt names an envelope by its id: it must lead to one stream.
    private bool IsTaken(Publication publication)
    {
        if (publication.Data is Envelope envelope)
        {
            foreach (var (key, entry) in _byKey)
            {
                if (entry.Data is Envelope other && other.EnvelopeId == envelope.EnvelopeId && key != publication.Key)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The entry that an accepted submission becomes: the next sequence is its own.</summary>
    public Entry Apply(PublicationEntry submission, string epoch)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var sequence = Sequence + 1;
        return new Entry
        {
            Key = submission.Publication.Key,
            Revision = submission.Publication.Revision,
            Sequence = sequence,
            Content = submission.Content,
            Data = submission.Publication.Data,
            Event = Stamp(submission.Event.Span, epoch, sequence),
        };
    }

    /// <summary>The set with an entry in place of what was held for its key. Entries at or below the sequence change nothing.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="keepMissing">True: the publishers have not been asked yet for the streams that nobody can name.</param>
    public SiteSet With(Entry entry, bool keepMissing = false)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Sequence <= Sequence ? this : new SiteSet(
            entry.Sequence, _byKey.SetItem(entry.Key, entry), Damaged.IsEmpty ? Damaged : Without(KeyText.Format(entry.Key), keepMissing));
    }

    private ImmutableDictionary<string, DamagedStream> Without(string key, bool keepMissing) =>
        keepMissing ? Damaged.Remove(key) : Damaged.Remove(key).Remove(string.Empty);

    /// <summary>The same, with so many sequences left out before the next entry.</summary>
    public SiteSet Leap(long by) => by == 0 ? this : new SiteSet(Sequence + by, _byKey, Damaged);

    // {"specversion":… becomes {"epoch":"…","sequence":"…","specversion":…
    private static byte[] Stamp(ReadOnlySpan<byte> json, string epoch, long sequence)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"epoch\":\"{epoch}\",\"sequence\":\"{sequence}\","));
        var stamped = new byte[head.Length + json.Length - 1];
        head.CopyTo(stamped, 0);
        json[1..].CopyTo(stamped.AsSpan(head.Length));
        return stamped;
    }
}
