using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Opt;
using NodaTime;
using static GridServices.Operations.Tests.Opt.OptScheduleSample;

namespace GridServices.Operations.Tests.Opt;

public sealed class OptScheduleReconciliationTests
{
    private readonly SmallOptService _service = new();

    private static readonly FoundOptSchedule ByHand = new() { OptId = "opt-by-hand", State = OptScheduleState.Held, Direction = OptDirection.Out, MarketContext = Target.MarketContext, Note = "harvest" };

    [Fact]
    public void A_plan_is_sent_once_and_held()
    {
        var kept = Looks(Wanted(Plan(70, 1, 2)), [], 3);
        Assert.Equal((1, OptScheduleState.Held, "opt-2"), (_service.Sent, Assert.Single(kept).State, kept[0].OptId));
    }

    [Fact]
    public void A_plan_that_changed_is_a_new_schedule_in_the_place_of_the_old_one()
    {
        var kept = Looks(Wanted(Plan(70, 1, 4)), [], 2);
        kept = Looks(Wanted(Plan(70, 2, 4)), kept, 3);
        var live = Assert.Single(kept, k => k.EndedAt is null);
        Assert.Equal((2, live.OptId), (_service.Sent, Assert.Single(_service.Held).OptId));
        Assert.DoesNotContain(Looks(Wanted(Plan(70, 2, 4)), kept, 1, OptScheduleReconciliation.RememberedFor), k => k.EndedAt is not null);
    }

    [Fact]
    public void A_plan_that_is_removed_or_over_is_cancelled()
    {
        var kept = Looks(Wanted(Plan(70, 1, 4)), [], 2);
        kept = Looks([], kept, 2);
        Assert.Empty(_service.Held);
        Assert.All(kept, k => Assert.NotNull(k.EndedAt));
    }

    [Fact]
    public void A_plan_that_is_removed_while_the_service_is_away_for_days_is_cancelled_when_it_is_back()
    {
        var kept = Looks(Wanted(Plan(70, 1, 200)), [], 2);
        foreach (var (hour, isAway) in new[] { (2, true), (50, true), (100, false) })
        {
            kept = OptScheduleReconciliation.Reconcile([], kept, null, Hour(hour), () => Id(2000), isAway);
            Assert.NotNull(Assert.Single(kept).EndedAt);
        }

        kept = Looks([], kept, 2, Duration.FromHours(150));
        Assert.Equal((0, 0), (_service.Held.Count, kept.Count));
    }

    [Fact]
    public void One_that_is_over_is_forgotten_even_where_the_service_never_answers()
    {
        var kept = OptScheduleReconciliation.Reconcile([], Looks(Wanted(Plan(70, 1, 4)), [], 2), null, Hour(2), () => Id(2000), isAway: true);
        Assert.Single(kept);
        Assert.Empty(OptScheduleReconciliation.Reconcile([], kept, null, Hour(30), () => Id(2000), isAway: true));
    }

    [Fact]
    public void Time_passing_makes_no_other_schedule()
    {
        var plans = new[] { Plan(70, 1, 4), Plan(71, 6, 9) };
        var kept = Looks(Wanted(plans), [], 2);
        kept = Looks(WantedOptSchedules.Create(plans, [Target], Hour(3)), kept, 1, Duration.FromHours(3));
        _ = Looks(WantedOptSchedules.Create(plans[1..], [Target], Hour(5)), kept, 1, Duration.FromHours(5));
        Assert.Equal(1, _service.Sent);
    }

    [Fact]
    public void An_answer_that_was_lost_doubles_nothing_and_is_cancelled_where_the_plan_is_gone_by_then()
    {
        var killed = _service.Look(Wanted(Plan(70, 1, 4)), [], Sample.Now, answersLost: true);
        Assert.Null(Assert.Single(killed).OptId);
        Assert.NotNull(Assert.Single(Looks(Wanted(Plan(70, 1, 4)), killed, 1)).OptId);
        Assert.Equal(1, _service.Sent);
        _ = Looks([], killed, 2);
        Assert.Empty(_service.Held);
    }

    [Fact]
    public void A_persons_schedule_is_never_cancelled_and_never_replaced()
    {
        _service.Add(ByHand);
        var kept = Looks(Wanted(Plan(70, 1, 4)), [], 2);
        Assert.Equal((0, OptScheduleState.Unsent), (_service.Sent, Assert.Single(kept).State));
        Assert.Contains("opt-by-hand", kept[0].Problem, StringComparison.Ordinal);
        Assert.Equal([ByHand], _service.Held);
        _service.Cancel("opt-by-hand");
        Assert.Equal(OptScheduleState.Held, Assert.Single(Looks(Wanted(Plan(70, 1, 4)), kept, 2)).State);

        // Of another program: the two stand beside each other.
        _service.Add(ByHand with { MarketContext = "http://utility.example/other" });
        _ = Looks([], kept, 2);
        Assert.Equal("opt-by-hand", Assert.Single(_service.Held).OptId);
    }

    [Fact]
    public void Cancelled_or_lost_there_it_is_told_anew_and_a_refusal_is_shown_and_not_repeated()
    {
        var kept = Looks(Wanted(Plan(70, 1, 4)), [], 2);
        _service.Change(kept[0].OptId!, o => o with { State = OptScheduleState.Refused, Problem = "454 (too late)" });
        kept = Looks(Wanted(Plan(70, 1, 4)), kept, 3);
        Assert.Equal((OptScheduleState.Refused, "454 (too late)", 1), (Assert.Single(kept).State, kept[0].Problem, _service.Sent));
        _service.Cancel(kept[0].OptId!);
        kept = Looks(Wanted(Plan(70, 1, 4)), kept, 2);
        Assert.Equal((OptScheduleState.Held, 2), (kept.Single(k => k.EndedAt is null).State, _service.Sent));
    }

    [Fact]
    public void What_the_service_refused_waits_and_without_VEN_or_resource_nothing_is_sent()
    {
        var settled = OptScheduleReconciliation.Reconcile(Wanted(Plan(70, 1, 4)), [], null, Sample.Now, () => Sample.Id(1));
        Assert.Contains("ven-1", Assert.Single(settled).Problem, StringComparison.Ordinal);
        Assert.Empty(OptScheduleReconciliation.Work(settled, null, Sample.Now).ToSend);
        var gone = Assert.Single(OptScheduleReconciliation.Reconcile(Wanted(Plan(70, 1, 4)), [settled[0] with { OptId = "opt-1", State = OptScheduleState.Held }], null, Sample.Now, () => Sample.Id(2)));
        Assert.Equal(("opt-1", OptScheduleState.Unsent, null), (gone.OptId, gone.State, gone.EndedAt));
        var refused = settled[0] with { NextTryAt = Hour(1), Problem = "no", State = OptScheduleState.Refused };
        Assert.Equal(refused, Assert.Single(OptScheduleReconciliation.Reconcile(Wanted(Plan(70, 1, 4)), [refused], [], Sample.Now, () => Sample.Id(2))));
        Assert.Empty(OptScheduleReconciliation.Work([refused], [], Sample.Now).ToSend);
        Assert.Single(OptScheduleReconciliation.Work([refused], [], Hour(1)).ToSend);
        Assert.Empty(OptScheduleReconciliation.Work([settled[0] with { Target = Target with { ResourceIds = null } }], [], Sample.Now).ToSend);
    }

    [Fact]
    public void Whatever_plans_follow_each_other_two_looks_bring_the_service_to_them_and_more_change_nothing() => Prop.ForAll(
        WantedOptSchedulesTests.Plans, WantedOptSchedulesTests.Plans, Gen.Choose(0, 3).ToArbitrary(), (first, second, kills) =>
        {
            var service = new SmallOptService();
            var other = ByHand with { MarketContext = "http://utility.example/other" };
            service.Add(other);
            var kept = service.Look(Wanted(first), [], Sample.Now, answersLost: kills % 2 == 1);
            kept = service.Look(Wanted(second), kept, Sample.Now, answersLost: kills / 2 == 1);
            kept = service.Look(Wanted(second), kept, Sample.Now);
            kept = service.Look(Wanted(second), kept, Sample.Now);
            var sent = service.Sent;
            var again = service.Look(Wanted(second), kept, Sample.Now);
            var live = again.Where(k => k.EndedAt is null).ToList();
            return service.Sent == sent && again.SequenceEqual(kept) && service.Held.Contains(other)
                && service.Held.Count == live.Count + 1 && live.TrueForAll(l => service.Held.Any(h => h.OptId == l.OptId))
                && Wanted(second).All(w => live.Exists(l => l.Direction == w.Direction && l.Spans.Equals(w.Spans))) && live.Count == Wanted(second).Count;
        }).QuickCheckThrowOnFailure();

    private IReadOnlyList<OptSchedule> Looks(IReadOnlyCollection<WantedOptSchedule> wanted, IReadOnlyList<OptSchedule> kept, int times, Duration later = default)
    {
        for (var i = 0; i < times; i++)
        {
            kept = _service.Look(wanted, kept, Sample.Now + later);
        }

        return kept;
    }
}
