using System.Collections.Immutable;
using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>
/// What is kept in force although the hub no longer states it. A hub that lost or rewound its store states less than it once did; until its
/// publishers have restated, what it leaves out, or states in a lower revision, is not over:
/// <code>
///   held:            A rev 5, B rev 2            set of another history, incomplete:   A rev 3, C rev 1
///   in force then:   A rev 3 and A rev 5 (the tighter of both at each instant), B rev 2, C rev 1
///   A rev 6 comes:   A rev 6, B rev 2, C rev 1            history complete, B still not stated:   A rev 6, C rev 1
/// </code>
/// </summary>
internal static class Retention
{
    private const string Suffix = "~held";

    /// <summary>Of what is held, all that a set neither states nor withdraws in the same or a higher revision.</summary>
    public static ImmutableArray<Envelope> NotRestated(HeldSet held, SiteEnvelopes set)
    {
        var stated = set.Envelopes.Select(e => (Key: StreamKey.From(e), e.Revision))
            .Concat((set.Withdrawn ?? []).Select(w => (Key: StreamKey.From(w), w.Revision)))
            .ToLookup(s => s.Key, s => s.Revision);
        return
        [
            .. All(held).Where(e => !stated[StreamKey.From(e)].Any(revision => revision >= e.Revision))
                .GroupBy(StreamKey.From).Select(revisions => revisions.MaxBy(e => e.Revision)!),
        ];
    }

    /// <summary>The set without what a publication restates.</summary>
    public static HeldSet Restate(HeldSet held, Publication publication) => held.Retained.IsEmpty
        ? held
        : held with { Retained = held.Retained.RemoveAll(e => StreamKey.From(e) == publication.Key && publication.Revision >= e.Revision) };

    /// <summary>Retained envelopes of streams that are not stated at all any more.</summary>
    public static IEnumerable<Envelope> Alone(HeldSet held) => held.Retained.Where(e => !IsStated(held, e));

    /// <summary>Retained envelopes as they are merged: beside a live revision of the same stream under a name of their own, so that neither hides the other.</summary>
    public static IEnumerable<Envelope> Followed(HeldSet held) =>
        held.Retained.Select(e => IsStated(held, e) ? e with { Stream = e.Stream with { Key = e.Stream.Key + Suffix } } : e);

    /// <summary>True where a stream is followed as it was last stated in another history.</summary>
    public static bool Keeps(HeldSet held, StreamKey key) => held.Retained.Any(e => StreamKey.From(e) == key);

    /// <summary>Everything that is followed.</summary>
    public static IEnumerable<Envelope> All(HeldSet held) => held.Retained.Concat(held.Envelopes);

    private static bool IsStated(HeldSet held, Envelope retained) => held.Envelopes.Any(e => StreamKey.From(e) == StreamKey.From(retained));
}
