using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// What a controller holds of its site: enough to go on alone. As JSON it is the file that survives a restart without the hub.
/// </summary>
public sealed record HeldSet
{
    public required string SiteId { get; init; }

    /// <summary>Where the set stands in the hub's log; null before the first contact.</summary>
    public string? Cursor { get; init; }

    public ImmutableArray<Envelope> Envelopes { get; init; } = [];

    /// <summary>Tombstones, so that a late lower revision brings nothing back.</summary>
    public ImmutableArray<Withdrawal> Withdrawn { get; init; } = [];

    public ImmutableArray<PriceSeries> Prices { get; init; } = [];

    /// <summary>Envelopes of a history that the hub lost, in force until their publishers have restated. At most one revision a stream beside a live one.</summary>
    public ImmutableArray<Envelope> Retained { get; init; } = [];

    /// <summary>The cursor held when the hub, in one and the same epoch, turned out to know less; null: it did not.</summary>
    public string? RewoundFrom { get; init; }

    /// <summary>By so many milliseconds this machine's clock was ahead of the hub's (negative: behind) when the set was written; null: by less than a second.</summary>
    public long? ClockAheadMs { get; init; }

    /// <summary>The hub's time when the set was written; null: not known.</summary>
    public Instant? WrittenAt { get; init; }

    /// <summary>True where the hub had not yet stated a complete set of a site that it knows: the limits of the beginning hold on after a restart. Null: the set was whole once.</summary>
    public bool? NeverWhole { get; init; }

    /// <summary>Host and port of the hub that stated the set; null: written by an older version.</summary>
    public string? Hub { get; init; }

    /// <summary>Streams in fail-safe when the set was written.</summary>
    public ImmutableArray<HeldFailsafe> Failsafes { get; init; } = [];

    /// <summary>Streams whose utility was lost when the set was written.</summary>
    public ImmutableArray<HeldLoss> Losses { get; init; } = [];

    /// <summary>The set after a publication. A revision that is not higher than the one held, live or withdrawn, changes nothing (architecture law 7).</summary>
    public HeldSet With(Publication publication)
    {
        ArgumentNullException.ThrowIfNull(publication);
        return publication.Revision <= GetRevision(publication.Key) ? this : publication switch
        {
            EnvelopePublished { Envelope: var e } => this with { Envelopes = Others(e.Target, e.Stream).Add(e), Withdrawn = OtherTombstones(e.Target, e.Stream) },
            EnvelopeWithdrawn { Withdrawal: var w } => this with { Envelopes = Others(w.Target, w.Stream), Withdrawn = OtherTombstones(w.Target, w.Stream).Add(w) },
            PricesPublished { Prices: var p } => this with { Prices = [.. Prices.Where(x => x.Stream != p.Stream), p] },
            _ => this,
        };
    }

    private long GetRevision(StreamKey key) => key.Target is null
        ? Prices.Where(p => p.Stream == key.Stream).Select(p => p.Revision).DefaultIfEmpty(0).Max()
        : Envelopes.Where(e => e.Target == key.Target && e.Stream == key.Stream).Select(e => e.Revision)
            .Concat(Withdrawn.Where(w => w.Target == key.Target && w.Stream == key.Stream).Select(w => w.Revision)).DefaultIfEmpty(0).Max();

    private ImmutableArray<Envelope> Others(EnvelopeTarget target, StreamId stream) => Envelopes.RemoveAll(e => e.Target == target && e.Stream == stream);

    private ImmutableArray<Withdrawal> OtherTombstones(EnvelopeTarget target, StreamId stream) => Withdrawn.RemoveAll(w => w.Target == target && w.Stream == stream);
}

/// <summary>A stream in fail-safe, as it is written down.</summary>
/// <param name="Envelope">The envelope whose fail-safe was entered.</param>
/// <param name="EnteredAt">When, by the hub's clock where it is known, otherwise by this machine's: all that a restart leaves.</param>
public sealed record HeldFailsafe(Envelope Envelope, Instant EnteredAt);

/// <summary>A stream whose utility was lost, as it is written down.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Since">Since when, by the hub's clock where it is known, otherwise by this machine's.</param>
public sealed record HeldLoss(StreamId Stream, Instant Since);
