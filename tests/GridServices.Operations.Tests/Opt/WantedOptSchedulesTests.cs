using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using NodaTime;
using static GridServices.Operations.Tests.Opt.OptScheduleSample;

namespace GridServices.Operations.Tests.Opt;

public sealed class WantedOptSchedulesTests
{
    /// <summary>Up to six plans within a day, in whole hours; each third is the enrollment's own.</summary>
    internal static Arbitrary<OptPlan[]> Plans { get; } = Gen.Choose(0, 6).SelectMany(count => Gen.Choose(0, 24 * 12 * 2 - 1).ArrayOf(count)).Select(codes => codes.Select((code, i) =>
        Plan(70 + i, code % 24, (code % 24) + 1 + (code / 24 % 12), code / 288 == 0 ? OptDirection.Out : OptDirection.In, i % 3 == 2 ? Target.EnrollmentId : null)).ToArray()).ToArbitrary();

    [Fact]
    public void Plans_of_a_direction_become_one_schedule_for_a_second_would_replace_it()
    {
        var wanted = Assert.Single(Wanted(Plan(70, 1, 2), Plan(71, 5, 6), Plan(72, 2, 3)));
        Assert.Equal([new OptSpan(Hour(1), Hour(3)), new OptSpan(Hour(5), Hour(6))], wanted.Spans);
        Assert.Equal((OptDirection.Out, OptReason.MustRun, 3), (wanted.Direction, wanted.Reason, wanted.Plans.Count));
    }

    [Fact]
    public void A_stronger_plan_cuts_a_weaker_one()
    {
        var wanted = Wanted(Plan(70, 0, 10), Plan(71, 4, 6, OptDirection.In, Target.EnrollmentId));
        Assert.Equal([new OptSpan(Hour(0), Hour(4)), new OptSpan(Hour(6), Hour(10))], wanted.Single(w => w.Direction == OptDirection.Out).Spans);
        Assert.Equal([new OptSpan(Hour(4), Hour(6))], wanted.Single(w => w.Direction == OptDirection.In).Spans);
    }

    [Fact]
    public void Several_reasons_are_told_as_a_schedule_and_what_is_over_or_anothers_is_not_told()
    {
        Assert.Equal(OptReason.Schedule, Assert.Single(Wanted(Plan(70, 1, 2), Plan(71, 5, 6) with { Reason = OptReason.Economic })).Reason);
        Assert.Empty(Wanted(Plan(70, -3, 0), Plan(71, 1, 2, enrollmentId: "another"), Plan(72, 1, 2) with { SiteId = "site-2" }, Plan(73, 1, 2) with { Tenant = "other" }));
        Assert.Single(WantedOptSchedules.Create([Plan(70, 1, 2)], [Target, Target with { EnrollmentId = "enrollment-2" }], Sample.Now));
    }

    [Fact]
    public void Spans_are_whole_seconds_inward_and_bounded()
    {
        var odd = Plan(70, 1, 2) with { From = Hour(1) + Duration.FromMilliseconds(1), Until = Hour(2) - Duration.FromMilliseconds(1) };
        Assert.Equal(new OptSpan(Hour(1) + Duration.FromSeconds(1), Hour(2) - Duration.FromSeconds(1)), Assert.Single(Assert.Single(Wanted(odd)).Spans));
        Assert.Empty(Wanted(odd with { Until = Hour(1) + Duration.FromMilliseconds(900) }));
        var parts = Assert.Single(Wanted(Plan(70, 0, 24 * 1000))).Spans;
        Assert.Equal((3, Hour(24 * 1000)), (parts.Count, parts[^1].Until));
        Assert.All(parts, p => Assert.True(TimeText.TryDuration(TimeText.Format(p.Until - p.From), out _)));
        Assert.Equal(WantedOptSchedules.MostSpans, Assert.Single(Wanted([.. Enumerable.Range(0, 300).Select(i => Plan(i, 2 * i, (2 * i) + 1))])).Spans.Count);
    }

    [Fact]
    public void Reasons_are_the_standards_words() => Assert.Equal(OptReasons.All.Order(StringComparer.Ordinal), EnumNames<OptReason>.All.Order(StringComparer.Ordinal));

    [Fact]
    public void A_schedule_gives_each_event_wholly_within_the_answer_that_the_plans_give_it() => Prop.ForAll(Plans, Gen.Choose(0, 24 * 12 - 1).ToArbitrary(), (plans, code) =>
    {
        var (from, until) = (Hour(code % 24), Hour((code % 24) + 1 + (code / 24)));
        var answer = OptPlans.For(new OptEvent("e", from, until), "default", "site-1", Target.EnrollmentId, plans)?.Direction;
        return Wanted(plans).All(w => !OptSchedule.From(w, Sample.Id(1), Sample.Now).Covers(from, until) || w.Direction == answer);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Spans_are_in_order_and_apart_and_of_one_direction_at_a_time() => Prop.ForAll(Plans, plans =>
    {
        var all = Wanted(plans).SelectMany(w => w.Spans).OrderBy(s => s.From).ToList();
        return all.TrueForAll(s => s.From < s.Until) && all.Zip(all.Skip(1)).All(p => p.First.Until <= p.Second.From)
            && Wanted(plans).All(w => w.Spans.Zip(w.Spans.Skip(1)).All(p => p.First.Until < p.Second.From));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null, false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public void The_plain_program_asks_whether_the_utility_wants_schedules(string? answer, bool isWanted)
    {
        var enrollment = Sample.Enrollment with { State = EnrollmentState.Active };
        enrollment = enrollment with { Answers = enrollment.Answers.With("optSchedules", answer) };
        Assert.Equal(isWanted, OptScheduleTarget.For(enrollment, Sample.Template("OPENADR-PLAIN")) is not null);
        Assert.Null(OptScheduleTarget.For(enrollment, TemplateCatalog.Versions("OPENADR-PLAIN").Single(t => t.Version == 1)));
        Assert.Null(OptScheduleTarget.For(enrollment with { State = EnrollmentState.Ended }, Sample.Template("OPENADR-PLAIN")));
    }
}
