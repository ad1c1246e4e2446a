using FsCheck.Fluent;

namespace GridServices.Contracts.Tests.Merging;

public sealed class LimitScheduleLawTests
{
    private static readonly FsCheck.Gen<(LimitSchedule A, LimitSchedule B)> Pairs =
        from a in Generate.Schedule
        from b in Generate.Schedule
        select (a, b);

    [Fact]
    public void Intersection_is_commutative() =>
        Pairs.Holds(p => p.A.Intersect(p.B).Equals(p.B.Intersect(p.A)));

    [Fact]
    public void Intersection_is_associative() =>
        (from p in Pairs from c in Generate.Schedule select (p.A, p.B, C: c))
            .Holds(p => p.A.Intersect(p.B).Intersect(p.C).Equals(p.A.Intersect(p.B.Intersect(p.C))));

    [Fact]
    public void Intersection_is_idempotent() =>
        Generate.Schedule.Holds(a => a.Intersect(a).Equals(a));

    [Fact]
    public void No_statement_is_the_identity() =>
        Generate.Schedule.Holds(a => a.Intersect(LimitSchedule.None).Equals(a) && LimitSchedule.None.Intersect(a).Equals(a));

    [Fact]
    public void Another_schedule_never_loosens() =>
        Pairs.Holds(p => p.A.Intersect(p.B).IsWithin(p.A) && Generate.Probes.All(t => NowhereLooser(p.A.Intersect(p.B).At(t), p.A.At(t))));

    [Fact]
    public void The_point_of_0_W_is_always_allowed() =>
        Pairs.Holds(p => p.A.Intersect(p.B).Steps.All(s => s.Limits is
        {
            ImportLimitW: null or >= 0, ExportLimitW: null or >= 0, ChargeLimitW: null or >= 0,
            DischargeLimitW: null or >= 0, GenerationLimitW: null or >= 0, LoadLimitW: null or >= 0,
        }));

    [Fact]
    public void Piecewise_is_pointwise() =>
        Pairs.Holds(p => Generate.Probes.All(t => p.A.Intersect(p.B).At(t) == p.A.At(t).Intersect(p.B.At(t))));

    [Fact]
    public void Schedules_that_say_the_same_everywhere_have_the_same_form() =>
        Pairs.Holds(p => p.A.Equals(p.B) == Generate.Probes.All(t => p.A.At(t) == p.B.At(t)));

    [Fact]
    public void Cutting_steps_in_two_does_not_change_the_form() =>
        Generate.Schedule.Holds(a =>
        {
            var cut = Generate.Probes.Select(t => new LimitStep(t, a.At(t))).Prepend(a.Steps[0]);
            return LimitSchedule.From(cut).Equals(a);
        });

    [Fact]
    public void Neighbouring_steps_differ_and_the_first_begins_before_all_time() =>
        Pairs.Holds(p => p.A.Intersect(p.B).Steps is var steps
            && steps[0].From == NodaTime.Instant.MinValue
            && steps.Zip(steps.Skip(1)).All(n => n.First.Limits != n.Second.Limits && n.First.From < n.Second.From));

    [Fact]
    public void Steps_that_do_not_ascend_are_misuse() =>
        Assert.Throws<ArgumentException>(() => LimitSchedule.From([new LimitStep(Sample.Hour(1), Limits.None), new LimitStep(Sample.Hour(1), Limits.None)]));

    /// <summary>Written without the algebra: each quantity that b states, a states too, and not higher.</summary>
    private static bool NowhereLooser(Limits a, Limits b)
    {
        return Watts(a).Zip(Watts(b)).All(q => q.Second is null || q.First <= q.Second)
            && Amperes(a).Zip(Amperes(b)).All(q => q.Second is null || q.First <= q.Second)
            && (b.Connect is null || a.Connect == false || (a.Connect == true && b.Connect == true))
            && (b.Energize is null || a.Energize == false || (a.Energize == true && b.Energize == true));

        static long?[] Watts(Limits l) => [l.ImportLimitW, l.ExportLimitW, l.ChargeLimitW, l.DischargeLimitW, l.GenerationLimitW, l.LoadLimitW];

        static decimal?[] Amperes(Limits l) =>
        [
            l.PerPhase?.L1?.ImportLimitA, l.PerPhase?.L1?.ExportLimitA, l.PerPhase?.L2?.ImportLimitA,
            l.PerPhase?.L2?.ExportLimitA, l.PerPhase?.L3?.ImportLimitA, l.PerPhase?.L3?.ExportLimitA,
        ];
    }
}
