using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>
/// What others state for a site, as it is followed. A hub that lost or rewound its store states less than it once did; what was held stays in
/// force until it is restated, withdrawn, or the hub is complete again:
/// <code>
///   held:           A rev 5, B rev 2        set of an incomplete hub:   A rev 3, C rev 1
///   in force then:  A rev 3 and A rev 5 (the tighter of both), B rev 2, C rev 1
/// </code>
/// Our own streams are left out: a reservation must not bind the response that it is kept for. Immutable; stored as JSON.
/// </summary>
internal sealed record HeldLimits
{
    private const string RetainedSuffix = "~held";

    public static HeldLimits Nothing { get; } = new();

    /// <summary>Epoch and sequence of the hub's last word; empty = none yet.</summary>
    public string Epoch { get; init; } = string.Empty;
    public string Sequence { get; init; } = string.Empty;

    public IReadOnlyList<Envelope> Envelopes { get; init; } = [];

    /// <summary>Tombstones: a lower revision never brings anything back.</summary>
    public IReadOnlyList<Withdrawal> Withdrawn { get; init; } = [];

    /// <summary>In force although the hub does not state it any more.</summary>
    public IReadOnlyList<Envelope> Retained { get; init; } = [];

    /// <summary>The hub went back in its own history; its word alone ends nothing until a new history begins.</summary>
    public bool Rewound { get; init; }

    /// <summary>Everything in force; a retained revision beside a stated one of its stream under a name of its own, so that neither hides the other.</summary>
    public IEnumerable<Envelope> Followed()
    {
        var stated = Envelopes.Select(StreamKey.From).ToHashSet();
        return Envelopes.Concat(Retained.Select(e => stated.Contains(StreamKey.From(e)) ? e with { Stream = e.Stream with { Key = e.Stream.Key + RetainedSuffix } } : e));
    }

    /// <summary>What is held after the hub's answer.</summary>
    public HeldLimits After(SiteEnvelopes read)
    {
        var sameEpoch = string.Equals(Epoch, read.Epoch, StringComparison.Ordinal);
        var rewound = sameEpoch && (Rewound || Number(read.Sequence) < Number(Sequence));
        var (envelopes, withdrawn) = (read.Envelopes.Where(e => IsOthers(e.Stream)).ToList(), (read.Withdrawn ?? []).Where(w => IsOthers(w.Stream)).ToList());
        var next = this with
        {
            Epoch = read.Epoch,
            Sequence = read.Sequence,
            Rewound = rewound,
            Retained = read.Incomplete is true || read.SiteKnown is false || rewound ? NotRestated(read.Complete ? Retained.Concat(Envelopes) : Retained, envelopes, withdrawn) : [],
        };
        return next.With(read.Complete ? LiveSet.From(envelopes, withdrawn) : Apply(LiveSet.From(Envelopes, Withdrawn), envelopes, withdrawn));
    }

    private HeldLimits With(LiveSet live) => this with { Envelopes = live.Envelopes, Withdrawn = live.Withdrawals };

    private static LiveSet Apply(LiveSet set, List<Envelope> envelopes, List<Withdrawal> withdrawn)
    {
        set = envelopes.Aggregate(set, (s, e) => s.Apply(e).Next);
        return withdrawn.Aggregate(set, (s, w) => s.Apply(w).Next);
    }

    /// <summary>Of what was held, all that is neither stated nor withdrawn in the same or a higher revision.</summary>
    private static ImmutableArray<Envelope> NotRestated(IEnumerable<Envelope> held, List<Envelope> envelopes, List<Withdrawal> withdrawn)
    {
        var stated = envelopes.Select(e => (Key: StreamKey.From(e), e.Revision))
            .Concat(withdrawn.Select(w => (Key: StreamKey.From(w), w.Revision)))
            .ToLookup(s => s.Key, s => s.Revision);
        return
        [
            .. held.Where(e => !stated[StreamKey.From(e)].Any(revision => revision >= e.Revision))
                .GroupBy(StreamKey.From).Select(revisions => revisions.MaxBy(e => e.Revision)!),
        ];
    }

    private static bool IsOthers(StreamId stream) => stream.Service != OtherLimits.OurService;

    private static long Number(string sequence) => long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
