using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>
/// What must be published because of a step: the difference between what each stream stated at each target and what it states now, from now on.
/// Time that passes, restarts and repetitions publish nothing.
/// </summary>
public static class DerEnvelopes
{
    internal const string Service = "ieee2030-5";
    internal const string Protocol = "IEEE 2030.5";

    /// <param name="config">Targets, tiers and names of streams.</param>
    /// <param name="step">As <see cref="DerSchedule.Apply"/> left it.</param>
    /// <param name="now">The server's time, as in that step.</param>
    /// <param name="seed">For the envelopes' identities.</param>
    /// <param name="reserved">What reservations state besides; null: nothing.</param>
    /// <returns>The state to be stored in one transaction with the publications, before any response goes out; notes on what is published coarser than it was stated.</returns>
    public static (DerScheduleState State, IReadOnlyList<EnginePublication> Publications, IReadOnlyList<Note<NoteKind>> Notes) CreatePublications(
        DerScheduleConfig config, DerScheduleStep step, Instant now, ulong seed, ReservedStream? reserved = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(step);
        var (stated, coarsened) = Stated(config, step, now);
        if (reserved is not null)
        {
            stated[(reserved.Target, reserved.Key)] = reserved.Statement;
        }

        var changes = new List<(PublishedStream Stream, bool GivesUp)>();
        var published = new List<PublishedStream>();
        foreach (var (target, key) in step.State.Published.Select(p => (p.Target, p.Key)).Union(stated.Keys))
        {
            var held = step.State.Published.FirstOrDefault(p => p.Target == target && string.Equals(p.Key, key, StringComparison.Ordinal));
            var statement = stated.GetValueOrDefault((target, key));
            if (held is not { Live: true } ? statement is null : StreamStatement.AreEquivalent(held.Statement, statement, now) && statement is not null)
            {
                published.AddRange(held is null ? [] : [held]);
                continue;
            }

            // Architecture law 7: higher replaces, also after a withdrawal.
            var next = new PublishedStream { Target = target, Key = key, Revision = (held?.Revision ?? step.State.RevisionFloor) + 1, Live = statement is not null, Statement = statement };
            published.Add(next);
            changes.Add((next, !(statement?.At(now) ?? Limits.None).IsWithin(held?.Statement?.At(now) ?? Limits.None)));
        }

        // What a stream gives up now may be another's from now on: that one speaks first, so that the site is never without either.
        return changes.Count == 0
            ? (step.State, [], [])
            : (step.State with { Published = published.ToValueList() },
                [.. changes.OrderBy(c => c.GivesUp).Select(c => CreatePublication(config, c.Stream, now, seed))],
                [.. changes.SelectMany(c => coarsened[(c.Stream.Target, c.Stream.Key)].Select(text => CoarserNote(c.Stream.Key, text)))]);
    }

    private static Note<NoteKind> CoarserNote(string key, string text) =>
        new(NoteLevel.Warning, NoteKind.Control, ErrorClass.LimitCount, null, $"Stream {key} is published coarser than its controls state it: {text}");

    private static (Dictionary<(EnvelopeTarget Target, string Key), StreamStatement> Stated, ILookup<(EnvelopeTarget, string), string> Coarsened) Stated(
        DerScheduleConfig config, DerScheduleStep step, Instant now)
    {
        var pieces = step.Timeline.SelectMany(t => t.Pieces)
            .GroupBy(p => (Target: LimitMapping.GetTarget(config, p.Setting.Mode), Key: StreamKeys.For(config, p.ProgramKey)));
        var controls = step.State.Controls.ToDictionary(c => c.MRid, StringComparer.OrdinalIgnoreCase);
        var stated = new Dictionary<(EnvelopeTarget, string), StreamStatement>();
        var coarsened = new List<((EnvelopeTarget, string) Stream, string? Text)>();
        foreach (var stream in pieces)
        {
            var all = stream.OrderBy(p => p.Primacy ?? byte.MaxValue).ToList();
            var (limits, targets) = StreamSchedule.Compute(config, step, controls, all);
            if (limits.Segments.Count > 0 || targets.Segments.Count > 0)
            {
                stated[stream.Key] = Statement(config, all, limits.Segments.ToValueList(), targets.Segments.ToValueList()).Ahead(now);
                coarsened.AddRange([(stream.Key, limits.Describe("limits")), (stream.Key, targets.Describe("targets"))]);
            }
        }

        return (stated, coarsened.Where(c => c.Text is not null).ToLookup(c => c.Stream, c => c.Text!));
    }

    private static StreamStatement Statement(DerScheduleConfig config, List<ModePiece> pieces, ValueList<Segment> segments, ValueList<TargetSegment> targets)
    {
        var program = pieces[0].ProgramKey;
        var configured = program is null ? null : StreamKeys.Configured(config, program);
        return new StreamStatement
        {
            Tier = configured?.Tier ?? config.Tier,
            Obligation = configured?.Obligation ?? config.Obligation,
            Segments = segments,
            Targets = targets,
            Failsafe = configured?.Failsafe ?? config.Failsafe ?? Failsafe(config, pieces),
            Provenance = new Provenance { Protocol = Protocol, Authority = config.Lfdi, Program = program },
        };
    }

    /// <summary>The utility's fail-safe: the schedule as downloaded, whose end is the default; the default's limits are what it comes down to.</summary>
    private static Failsafe Failsafe(DerScheduleConfig config, List<ModePiece> pieces)
    {
        var limits = pieces.Where(p => p.Source != PieceSource.Control)
            .Select(p => LimitMapping.ToLimits(config, p.Setting)).Aggregate(Limits.None, (a, b) => a.Intersect(b));
        return new Failsafe { StaleAfter = config.StaleAfter, OnStale = OnStale.HoldSchedule, Limits = limits == Limits.None ? null : limits };
    }

    private static EnginePublication CreatePublication(DerScheduleConfig config, PublishedStream stream, Instant now, ulong seed)
    {
        var id = new StreamId(Service, stream.Key);
        return stream.Statement is { } s
            ? new EnginePublication.PublishEnvelope(new Envelope
            {
                EnvelopeId = SeededRandom.Uuid7(now, seed, $"{stream.Target.Kind}/{stream.Target.Id}/{stream.Key}/{stream.Revision}"),
                Revision = stream.Revision,
                SiteId = config.SiteId,
                Target = stream.Target,
                Stream = id,
                Tier = s.Tier,
                Obligation = s.Obligation,
                Segments = s.Segments,
                Targets = s.Targets,
                Failsafe = s.Failsafe,
                Provenance = s.Provenance,
            })
            : new EnginePublication.WithdrawEnvelope(new Withdrawal
            {
                SiteId = config.SiteId,
                Target = stream.Target,
                Stream = id,
                Revision = stream.Revision,
                Reason = "the program states nothing more here",
            });
    }
}
