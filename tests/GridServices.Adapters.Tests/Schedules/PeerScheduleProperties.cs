using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Schedules;
using GridServices.Contracts;
using NodaTime;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Schedules;

/// <summary>At every instant a peer that keeps a schedule is told no more than the hub allows, by a clock that is wrong by the margin, and in the end no more than fail-safe.</summary>
public sealed class PeerScheduleProperties
{
    private static readonly Gen<ScheduleRules> RulesOfSchedule =
        from valid in Gen.Choose(60, 7_200)
        from margin in Gen.Choose(0, 5_000)
        from grain in Gen.Elements(1, 1_000, 60_000)
        from most in Gen.Choose(1, 12)
        select new ScheduleRules { ValidFor = Duration.FromSeconds(valid), Margin = Duration.FromMilliseconds(margin), Grain = Duration.FromMilliseconds(grain), MostEntries = most };

    [Fact]
    public void Never_looser_than_the_hub_whatever_the_peers_clock() => Hold((view, quantity, rules, entries) =>
        Probes(view, entries, rules).All(at => new[] { -rules.Margin, Duration.Zero, rules.Margin - Duration.Epsilon }.All(wrong => IsWithin(Held(entries, at + wrong), Allowed(view, quantity, at)))));

    [Fact]
    public void Ends_in_fail_safe_or_less() => Hold((_, quantity, _, entries) => entries[^1].Watts is { } last && last <= Rules.GetFailsafe(quantity));

    [Fact]
    public void Is_in_order_says_nothing_twice_and_is_no_longer_than_asked() => Hold((view, _, rules, entries) =>
        entries.Zip(entries.Skip(1)).All(pair => pair.First.From < pair.Second.From) && entries.Count <= rules.MostEntries + 1
        && entries[^1].From <= view.At + rules.ValidFor && (entries.Count == 1 || entries[0].From <= view.At));

    [Fact]
    public void Not_known_is_never_no_limit() => Hold((view, _, _, entries) => view.IsKnown || entries.All(e => e.Watts is not null));

    [Fact]
    public void What_is_left_behind_is_never_looser_than_anything_to_come() => Prop.ForAll(Views, view => Enum.GetValues<Quantity>().All(quantity =>
    {
        var left = PeerSchedule.GetShutdownLimit(LimitLine.From(view, quantity, Rules), view.At, Rules.GetFailsafe(quantity)).Watts;
        return left <= Rules.GetFailsafe(quantity) && view.Segments.All(s => IsWithin(left, Allowed(view, quantity, s.From)));
    })).QuickCheckThrowOnFailure();

    [Fact]
    public void A_limit_begins_earlier_and_ends_later_by_the_margin()
    {
        var view = View(known: true, (100, EffectiveLimits.None), (100, Import(3_000)), (60, EffectiveLimits.None));
        var entries = PeerSchedule.Create(LimitLine.From(view, Quantity.ImportLimitW, Rules), Now, new ScheduleRules { Margin = Duration.FromSeconds(2) }, 7_000);
        Assert.Equal([null, 3_000, null, 7_000], entries.Select(e => e.Watts));
        Assert.Equal([-0.25, 97.75, 202.75, 899.75], entries.Select(e => (e.From - Now).TotalSeconds));
    }

    // The last entry that has begun; the first even before it has.
    private static long? Held(IReadOnlyList<PeerEntry> entries, Instant at) => (entries.LastOrDefault(e => e.From <= at) ?? entries[0]).Watts;

    // Every turn of either side, just before, at and just after it.
    private static IEnumerable<Instant> Probes(SiteView view, IReadOnlyList<PeerEntry> entries, ScheduleRules rules) => view.Segments.Select(s => s.From)
        .Concat(entries.SelectMany(e => new[] { e.From - rules.Margin, e.From, e.From + rules.Margin }))
        .SelectMany(at => new[] { at - Duration.Epsilon, at, at + Duration.Epsilon }).Where(at => at >= view.At);

    private static void Hold(Func<SiteView, Quantity, ScheduleRules, IReadOnlyList<PeerEntry>, bool> law)
    {
        var cases = (from view in Views.Generator from quantity in Gen.Elements(Enum.GetValues<Quantity>()) from rules in RulesOfSchedule select (view, quantity, rules)).ToArbitrary();
        Prop.ForAll(cases, c => law(c.view, c.quantity, c.rules, PeerSchedule.Create(LimitLine.From(c.view, c.quantity, Rules), c.view.At, c.rules, Rules.GetFailsafe(c.quantity))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    // While the hub is heard the stream allows 9,000 W; for its own silence it states less than the settings.
    [Fact]
    public void What_is_left_behind_is_no_more_than_a_stream_states_for_its_own_silence()
    {
        var view = View(known: true, (60, Import(9_000))) with { WhenSilent = new([new EffectiveSegment { From = Now, Until = null, Limits = Import(4_200) }]) };
        var line = LimitLine.From(view, Quantity.ConsumptionW, Rules);
        Assert.Equal([9_000, 4_200], PeerSchedule.Create(line, Now, new ScheduleRules(), 7_000).Select(e => e.Watts));
        Assert.Equal((4_200, line.LeastLeft(Now).By), PeerSchedule.GetShutdownLimit(line, Now, 7_000));
        Assert.Equal(7_000, PeerSchedule.GetShutdownLimit(LimitLine.From(view with { WhenSilent = new([]) }, Quantity.ConsumptionW, Rules), Now, 7_000).Watts);

        // What is over by then binds nobody.
        var passing = view with { WhenSilent = new([new EffectiveSegment { From = Now, Until = Now + Duration.FromMinutes(5), Limits = Import(1) }, new EffectiveSegment { From = Now + Duration.FromMinutes(5), Limits = Import(20_000) }]) };
        Assert.Equal(7_000, PeerSchedule.Create(LimitLine.From(passing, Quantity.ConsumptionW, Rules), Now, new ScheduleRules(), 7_000)[^1].Watts);
    }
}
