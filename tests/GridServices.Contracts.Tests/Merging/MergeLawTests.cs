using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

public sealed class MergeLawTests
{
    private static readonly Gen<(IReadOnlyList<Envelope> Live, Instant From, Instant? Until)> Cases =
        from live in Generate.Live
        from window in Generate.Window
        select (live, window.From, window.Until);

    [Fact]
    public void The_sweep_gives_at_every_instant_what_looking_at_every_envelope_gives() =>
        Cases.Holds(c => Merge(c).Targets.All(t => Inside(c).All(at =>
            Covering(t.Segments, at).Limits == Naive.LimitsAt(c.Live, t.Target, at))));

    [Fact]
    public void The_sweep_gives_what_intersecting_the_schedules_gives() =>
        Cases.Holds(c => Merge(c).Targets.All(t =>
        {
            var schedule = Naive.Ranked(c.Live, t.Target).Aggregate(LimitSchedule.None, (s, e) => s.Intersect(LimitSchedule.From(e)));
            return Inside(c).All(at => Values(Covering(t.Segments, at).Limits) == schedule.At(at));
        }));

    [Fact]
    public void Segments_cover_the_window_without_a_gap_and_neighbours_differ() =>
        Cases.Holds(c => Merge(c).Targets.All(t =>
            t.Segments[0].From == c.From && t.Segments[^1].Until == c.Until
            && t.Segments.All(s => s.Until is null || s.From < s.Until)
            && t.Segments.Zip(t.Segments.Skip(1)).All(n => n.First.Until == n.Second.From && n.First.Limits != n.Second.Limits)));

    [Fact]
    public void Order_duplicates_and_older_revisions_of_deliveries_are_irrelevant() =>
        (from c in Cases
         let newest = c.Live.Select(e => e with { Revision = 7 }).ToList()
         let older = c.Live.Select(e => e with { Revision = 2, Segments = [], Default = new DefaultLimits { Limits = new Limits { ImportLimitW = 0 } } })
         from shuffled in Gen.Shuffle(newest.Concat(newest).Concat(older).ToArray())
         select (c, newest, shuffled))
            .Holds(p => CanonicalJson.SameContent(
                EffectiveEnvelope.Merge("site-1", p.newest, p.c.From, p.c.Until), EffectiveEnvelope.Merge("site-1", p.shuffled, p.c.From, p.c.Until)));

    [Fact]
    public void Another_envelope_never_loosens() =>
        (from c in Cases from more in Generate.Envelope("z") select (c, more))
            .Holds(p => Merge((p.c.Live.Append(p.more).ToList(), p.c.From, p.c.Until)) is var after && Merge(p.c).Targets.All(t =>
                Inside(p.c).All(at => Values(after.Find(t.Target, at)!.Limits).IsWithin(Values(Covering(t.Segments, at).Limits)))));

    [Fact]
    public void Advisory_envelopes_and_tiers_change_no_limit() =>
        Cases.Holds(c =>
        {
            var mandatory = c.Live.Where(e => e.Obligation == Obligation.Mandatory).Select(e => e with { Tier = Tier.Economic }).ToList();
            var plain = Merge((mandatory, c.From, c.Until));
            return Merge(c).Targets.All(t => Inside(c).All(at =>
                Values(Covering(t.Segments, at).Limits) == Values(plain.Find(t.Target, at)?.Limits ?? EffectiveLimits.None)));
        });

    [Fact]
    public void Every_advisory_envelope_is_listed_with_what_it_says() =>
        Cases.Holds(c => Merge(c).Targets.All(t =>
        {
            var advisory = c.Live.Where(e => e.Target == t.Target && e.Obligation == Obligation.Advisory).ToList();
            return t.Advisory.Count == advisory.Count && advisory.All(e => t.Advisory.Single(a => a.By == Naive.Name(e)) is var listed && Inside(c).All(at =>
                listed.Segments.Single(s => s.From <= at && (s.Until is null || at < s.Until)).Limits == Naive.StatedBy(e, at).Canonical()));
        }));

    [Fact]
    public void A_part_of_the_window_says_the_same_as_the_whole() =>
        (from c in Cases from inner in Generate.Window select (c, inner))
            .Holds(p => EffectiveEnvelope.Merge("site-1", p.c.Live, p.inner.From, p.inner.Until).Targets.All(t =>
            {
                var whole = EffectiveEnvelope.Merge("site-1", p.c.Live, Sample.Hour(-5000));
                return Inside((p.c.Live, p.inner.From, p.inner.Until)).All(at => whole.Find(t.Target, at)!.Limits == Covering(t.Segments, at).Limits);
            }));

    [Fact]
    public void At_is_the_timeline_at_that_instant() =>
        Cases.Holds(c => Merge(c).Targets.All(t =>
            EffectiveEnvelope.At("site-1", c.Live, t.Target, c.From) == t.Segments[0].Limits));

    [Fact]
    public void The_set_point_is_that_of_the_strongest_tier_at_every_instant() =>
        Cases.Holds(c => Merge(c).Targets.All(t => Inside(c).All(at =>
        {
            var given = t.Setpoints.SingleOrDefault(s => s.From <= at && (s.Until is null || at < s.Until));
            var asked = Naive.AskedAt(c.Live, t.Target, at);
            return given?.By == asked?.By && given?.AskedW == asked?.Target.TargetW && ReferenceEquals(given?.Droop, asked?.Target.Droop);
        })));

    [Fact]
    public void A_set_point_never_leaves_the_limits_and_0_W_is_always_met() =>
        Cases.Holds(c => Merge(c).Targets.All(t => t.Setpoints.All(s =>
        {
            var limits = Covering(t.Segments, s.From).Limits;
            return (s.TargetW is null || (s.TargetW <= (limits.ImportLimitW?.Value ?? long.MaxValue) && s.TargetW >= -(limits.ExportLimitW?.Value ?? long.MaxValue)))
                && (s.AskedW != 0 || (s.TargetW == 0 && s.ShortfallW is null))
                && s.ShortfallW == (s.AskedW == s.TargetW ? null : Math.Abs(s.AskedW!.Value - s.TargetW!.Value))
                && s.BoundBy is null == s.ShortfallW is null
                && (s.LowestW ?? 0) <= 0 && (s.HighestW ?? 0) >= 0;
        })));

    [Fact]
    public void Each_function_and_the_ramp_is_that_of_the_strongest_tier_at_every_instant() =>
        Cases.Holds(c => Merge(c).Targets.All(t => Inside(c).All(at =>
            Enum.GetValues<FunctionKind>().All(kind =>
            {
                var given = t.Functions?.SingleOrDefault(f => f.Function.Kind == kind && f.From <= at && (f.Until is null || at < f.Until));
                var asked = Naive.FunctionAt(c.Live, t.Target, kind, at);
                return given?.By == asked?.By && given?.Function == asked?.Function;
            })
            && t.Ramps?.SingleOrDefault(r => r.From <= at && (r.Until is null || at < r.Until)) is var ramp
            && ramp?.Ramp == Naive.Ranked(c.Live, t.Target).Select(e => Naive.SegmentAt(e, at)?.Ramp).FirstOrDefault(r => r is not null))));

    [Fact]
    public void Functions_and_ramps_change_no_limit_and_no_set_point() =>
        Cases.Holds(c =>
        {
            var without = Merge(([.. c.Live.Select(e => e with { Segments = [.. e.Segments.Select(s => s with { Functions = null, Ramp = null })] })], c.From, c.Until));
            return CanonicalJson.SameContent(without, Merge(c) with { Targets = [.. Merge(c).Targets.Select(t => t with { Functions = null, Ramps = null })] });
        });

    private static EffectiveTimeline Merge((IReadOnlyList<Envelope> Live, Instant From, Instant? Until) c) =>
        EffectiveEnvelope.Merge("site-1", c.Live, c.From, c.Until);

    private static IEnumerable<Instant> Inside((IReadOnlyList<Envelope> Live, Instant From, Instant? Until) c) =>
        Generate.Probes.Append(c.From).Where(at => at >= c.From && (c.Until is null || at < c.Until));

    private static EffectiveSegment Covering(IReadOnlyList<EffectiveSegment> segments, Instant at) =>
        segments.Single(s => s.From <= at && (s.Until is null || at < s.Until));

    private static Limits Values(EffectiveLimits l)
    {
        return new Limits
        {
            ImportLimitW = l.ImportLimitW?.Value,
            ExportLimitW = l.ExportLimitW?.Value,
            ChargeLimitW = l.ChargeLimitW?.Value,
            DischargeLimitW = l.DischargeLimitW?.Value,
            GenerationLimitW = l.GenerationLimitW?.Value,
            LoadLimitW = l.LoadLimitW?.Value,
            PerPhase = l.PerPhase is null ? null : new PhaseLimits { L1 = Phase(l.PerPhase.L1), L2 = Phase(l.PerPhase.L2), L3 = Phase(l.PerPhase.L3) },
            Connect = l.Connect?.Value,
            Energize = l.Energize?.Value,
        };

        static PhaseLimit? Phase(EffectivePhase? p) => p is null ? null : new PhaseLimit { ImportLimitA = p.ImportLimitA?.Value, ExportLimitA = p.ExportLimitA?.Value };
    }
}
