using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Opt;

public sealed class OptDecisionTests
{
    private static readonly OptEvent Event = new("e17", Sample.At("2027-07-01T23:00:00Z"), Sample.At("2027-07-02T01:00:00Z"));
    private static readonly OptChoice Choice = new(EventOpt.In, OptReason.Participating, "we can", Sample.Stamp);

    private static OptPlan Plan(int number = 70, string? enrollmentId = null) => new()
    {
        Id = Sample.Id(number),
        Tenant = "default",
        Created = Sample.Stamp,
        Updated = Sample.Stamp,
        Version = 1,
        SiteId = "site-1",
        EnrollmentId = enrollmentId,
        From = Sample.At("2027-07-01T00:00:00Z"),
        Until = Sample.At("2027-07-08T00:00:00Z"),
        Direction = OptDirection.Out,
        Reason = OptReason.OutageRunStatus,
        Text = "works on the switchgear",
    };

    [Fact]
    public void A_person_goes_before_a_plan_and_a_plan_before_the_policy()
    {
        Assert.Equal((EventOpt.In, OptBasis.Person, OptReason.Participating), Basis(OptDecision.Decide(Event, Sample.Enrollment, Choice, [Plan()])));
        Assert.Equal((EventOpt.Out, OptBasis.Plan, OptReason.OutageRunStatus), Basis(OptDecision.Decide(Event, Sample.Enrollment, null, [Plan()])));
        Assert.Equal((EventOpt.In, OptBasis.Policy, null), Basis(OptDecision.Decide(Event, Sample.Enrollment, null, [])));
    }

    [Theory]
    [InlineData(OptPolicy.Auto, EventOpt.In)]
    [InlineData(OptPolicy.Never, EventOpt.Out)]
    [InlineData(OptPolicy.Manual, EventOpt.NotAsked)]
    public void The_policy_answers_last(OptPolicy policy, EventOpt opt) =>
        Assert.Equal(opt, OptDecision.Decide(Event, Sample.Enrollment with { OptPolicy = policy }, null, []).Opt);

    [Theory]
    [InlineData("2027-07-01T20:00:00Z", "2027-07-01T23:00:00Z", false)] // ends as the event starts
    [InlineData("2027-07-01T20:00:00Z", "2027-07-01T23:00:01Z", true)]
    [InlineData("2027-07-02T00:59:59Z", "2027-07-03T00:00:00Z", true)]
    [InlineData("2027-07-02T01:00:00Z", "2027-07-03T00:00:00Z", false)] // starts as it ends
    public void A_plan_holds_for_each_event_that_touches_it(string from, string until, bool touches) =>
        Assert.Equal(touches, OptPlans.For(Event, Sample.Enrollment, [Plan() with { From = Sample.At(from), Until = Sample.At(until) }]) is not null);

    [Fact]
    public void An_event_without_end_or_without_length_is_touched_too()
    {
        Assert.NotNull(OptPlans.For(Event with { Until = null }, Sample.Enrollment, [Plan() with { From = Sample.At("2028-01-01T00:00:00Z"), Until = Sample.At("2028-02-01T00:00:00Z") }]));
        Assert.NotNull(OptPlans.For(Event with { Until = Event.From }, Sample.Enrollment, [Plan()]));
        Assert.Null(OptPlans.For(Event with { Until = Event.From }, Sample.Enrollment, [Plan() with { Until = Event.From }]));
    }

    [Fact]
    public void The_enrollment_s_own_plan_goes_before_the_site_s_and_then_the_latest()
    {
        var own = Plan(71, Sample.Enrollment.Id) with { Direction = OptDirection.In };
        var later = Plan(72) with { Direction = OptDirection.In, Updated = new Stamp(Sample.Now + Duration.FromHours(1), "bob") };
        Assert.Equal(own.Id, OptPlans.For(Event, Sample.Enrollment, [later, Plan(), own])!.Id);
        Assert.Equal(later.Id, OptPlans.For(Event, Sample.Enrollment, [Plan(), later])!.Id);
        Assert.Equal(OptDirection.Out, OptPlans.For(Event, Sample.Enrollment, [Plan(73) with { Direction = OptDirection.In }, Plan(74)])!.Direction);
    }

    [Fact]
    public void Plans_of_other_enrollments_sites_and_tenants_do_not_count() =>
        Assert.Null(OptPlans.For(Event, Sample.Enrollment, [Plan(enrollmentId: Sample.Id(90)), Plan() with { SiteId = "site-2" }, Plan() with { Tenant = "other" }]));

    [Fact]
    public void A_plan_that_can_do_nothing_is_refused()
    {
        Assert.Empty(OptPlans.Check(Plan(), Sample.Now));
        Assert.Equal("optPlan.past", Assert.Single(OptPlans.Check(Plan(), Sample.At("2027-07-08T00:00:00Z"))).Code);
        Assert.Contains(OptPlans.Check(Plan() with { Until = Plan().From }, Sample.Now), f => f.Code == "optPlan.span");
        Assert.Contains(OptPlans.Check(Plan() with { SiteId = null }, Sample.Now), f => f.Code == "optPlan.target");
        Assert.Contains(OptPlans.Check(Plan() with { Until = Sample.At("2031-01-01T00:00:00Z") }, Sample.Now), f => f.Code == "optPlan.long");
    }

    [Fact]
    public void Reasons_are_the_protocol_s_words() => Assert.Equal(
        ["economic", "emergency", "mustRun", "notParticipating", "outageRunStatus", "overrideStatus", "participating", "x-schedule"], EnumNames<OptReason>.All);

    [Fact]
    public void A_person_s_choice_is_never_changed_by_plans_or_policies() => Prop.ForAll(
        Gen.Elements(EventOpt.In, EventOpt.Out).ToArbitrary(), Gen.Elements(Enum.GetValues<OptPolicy>()).ToArbitrary(), Gen.Choose(0, 3).ToArbitrary(), (opt, policy, plans) =>
            Assert.Equal(opt, OptDecision.Decide(Event, Sample.Enrollment with { OptPolicy = policy }, Choice with { Opt = opt }, Enumerable.Range(70, plans).Select(n => Plan(n))).Opt)).QuickCheckThrowOnFailure();

    private static (EventOpt Opt, OptBasis Basis, OptReason? Reason) Basis(OptDecision decision) => (decision.Opt, decision.Basis, decision.Reason);

    public sealed class Reconciliation
    {
        private static readonly Instant Now = Sample.At("2027-06-30T12:00:00Z");
        private static readonly OptChoice Out = new(EventOpt.Out, OptReason.Economic, null, new Stamp(Now - Duration.FromHours(2), "ann"));

        [Fact]
        public void A_choice_that_a_new_registration_lost_is_sent_again_and_not_flagged()
        {
            var result = Compute(new FoundOpt(Event, EventOpt.In, Now, Now - Duration.FromHours(1)), Out);
            Assert.Equal(new OptCommand("e17", EventOpt.Out, OptReason.Economic, ReplacesLost: true), Assert.Single(result.ToSend));
            Assert.Empty(result.Flags);
        }

        [Fact]
        public void A_machine_that_changed_a_person_s_choice_is_flagged_and_not_overruled()
        {
            var result = Compute(new FoundOpt(Event, EventOpt.In, Now - Duration.FromMinutes(5), Now - Duration.FromDays(9)), Out);
            Assert.Empty(result.ToSend);
            Assert.Equal(new OptFlag("e17", EventOpt.Out, EventOpt.In, Now - Duration.FromMinutes(5), Out.Stamp), Assert.Single(result.Flags));
        }

        [Fact]
        public void A_choice_that_was_not_told_yet_is_sent()
        {
            var result = Compute(new FoundOpt(Event, EventOpt.In, Now - Duration.FromHours(3), null), Out);
            Assert.False(Assert.Single(result.ToSend).ReplacesLost);
        }

        [Fact]
        public void A_plan_made_before_the_event_was_known_is_sent_once_it_is()
        {
            var found = new FoundOpt(Event, EventOpt.In, Now, Now);
            var sent = OptReconciliation.Compute(Sample.Enrollment, [found], new Dictionary<string, OptChoice>(), [Plan()], Now).ToSend;
            Assert.Equal((EventOpt.Out, OptReason.OutageRunStatus), (Assert.Single(sent).Opt, sent[0].Reason));
            Assert.Empty(OptReconciliation.Compute(Sample.Enrollment, [found with { Opt = EventOpt.Out }], new Dictionary<string, OptChoice>(), [Plan()], Now).ToSend);
        }

        [Fact]
        public void Policies_are_the_VEN_s_own_and_events_that_are_over_are_left()
        {
            Assert.Empty(OptReconciliation.Compute(Sample.Enrollment, [new FoundOpt(Event, EventOpt.Out, Now, Now)], new Dictionary<string, OptChoice>(), [], Now).ToSend);
            var over = Compute(new FoundOpt(Event with { From = Now - Duration.FromHours(2), Until = Now }, EventOpt.In, Now, Now), Out);
            Assert.Empty(over.ToSend);
            Assert.Empty(over.Flags);
        }

        private static OptReconciliation Compute(FoundOpt found, OptChoice choice) =>
            OptReconciliation.Compute(Sample.Enrollment, [found], new Dictionary<string, OptChoice> { ["e17"] = choice }, [], Now);
    }

    public sealed class TwoPersons
    {
        [Theory]
        [InlineData(true, GuardedAction.OptOut, 10, 0, false)]
        [InlineData(true, GuardedAction.OptOut, 11, 0, true)]
        [InlineData(true, GuardedAction.OptOut, 1, 10, true)]
        [InlineData(true, GuardedAction.OptOut, int.MaxValue, int.MaxValue, true)]
        [InlineData(true, GuardedAction.EndEnrollment, 1, 0, true)]
        [InlineData(true, GuardedAction.ReplaceHeldTariff, 0, 0, true)]
        [InlineData(false, GuardedAction.EndEnrollment, 1, 0, false)]
        public void A_second_person_is_needed_from_the_eleventh_site_on_however_it_is_split(bool enabled, GuardedAction action, int sites, int before, bool needed) =>
            Assert.Equal(needed, new TwoPersonRule(enabled).NeedsSecond(action, sites, before));

        [Theory]
        [InlineData("bob", 0, "abc", null)]
        [InlineData("Ann", 0, "abc", "another one")]
        [InlineData("bob", 25, "abc", "24 hours")]
        [InlineData("bob", 0, "abd", "changed since")]
        public void Only_another_person_approves_the_same_content_in_time(string by, int hours, string content, string? refusal)
        {
            var request = new ApprovalRequest(GuardedAction.EndEnrollment, "abc", Sample.Stamp);
            var told = request.FindRefusal(new Stamp(Sample.Now + Duration.FromHours(hours), by), content);
            Assert.Equal(refusal is null, told is null);
            Assert.Contains(refusal ?? string.Empty, told ?? string.Empty, StringComparison.Ordinal);
        }
    }
}
