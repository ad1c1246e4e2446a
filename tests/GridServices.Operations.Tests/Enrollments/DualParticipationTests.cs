using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class DualParticipationTests
{
    private static readonly ProgramTemplate Elrp = Sample.Template("PGE-ELRP-A1");
    private static readonly ProgramTemplate Cbp = Sample.Template("PGE-CBP");

    private static OtherEnrollment Other(ProgramTemplate template, EnrollmentState state = EnrollmentState.Active) =>
        new(Sample.Enrollment with { Id = Sample.Id(50), Template = template.Ref, State = state }, template);

    [Fact]
    public void Two_programs_that_exclude_each_other_are_refused_with_both_names()
    {
        var conflict = Assert.Single(DualParticipation.Conflicts(Sample.Enrollment, Elrp, [Other(Cbp)]));
        Assert.Contains("Emergency Load Reduction Program, sub-group A.1", conflict.Text, StringComparison.Ordinal);
        Assert.Contains("Capacity Bidding Program (PGE-CBP)", conflict.Text, StringComparison.Ordinal);
        Assert.Contains("from 2027-05-01 to 2027-10-31", conflict.Text, StringComparison.Ordinal);
        var actions = RequiredActions.Compute(Sample.Enrollment, Sample.Facts with { Template = Elrp, Others = [Other(Cbp)] }, Sample.Now);
        Assert.True(actions.Single(a => a.Code == "eligibility.dual").Blocks);
    }

    [Theory]
    [InlineData("PGE-ELRP-A1", "PGE-CBP", true)]
    [InlineData("PGE-CBP", "PGE-ELRP-A3", true)]
    [InlineData("PGE-ELRP-A1", "PGE-ELRP-A5", true)]
    [InlineData("PGE-ELRP-A1", "PGE-ADR", false)]
    [InlineData("PGE-ADR", "PGE-CBP", false)]
    [InlineData("CONED-CSRP", "CONED-DLRP", false)]
    [InlineData("CONED-CSRP", "CONED-CSRP", true)]
    [InlineData("SCE-ELRP", "SCE-CPP", true)]
    [InlineData("CSIP-AUS-SAPN", "CSIP-AUS-VIC", true)]
    [InlineData("OPENADR-PLAIN", "NESO-DFS", false)]
    public void Programs_that_come_with_this_version_exclude_each_other_both_ways_alike(string left, string right, bool exclude)
    {
        Assert.Equal(exclude, DualParticipation.Exclude(Sample.Template(left), Sample.Template(right)));
        Assert.Equal(exclude, DualParticipation.Exclude(Sample.Template(right), Sample.Template(left)));
    }

    [Fact]
    public void A_pattern_excludes_by_its_beginning_and_a_code_only_itself()
    {
        var dynamic = Cbp with { Code = "GB-DCL", ExclusiveWith = [], DualWith = [] };
        Assert.True(DualParticipation.Exclude(Sample.Template("NESO-DFS"), dynamic));
        Assert.False(DualParticipation.Exclude(Sample.Template("NESO-DFS"), dynamic with { Code = "GB-BMU" }));
    }

    [Theory]
    [InlineData(EnrollmentState.Draft, 0)]
    [InlineData(EnrollmentState.Incomplete, 0)]
    [InlineData(EnrollmentState.Ended, 0)]
    [InlineData(EnrollmentState.Withdrawn, 0)]
    [InlineData(EnrollmentState.Rejected, 0)]
    [InlineData(EnrollmentState.ReadyToSubmit, 1)]
    [InlineData(EnrollmentState.Suspended, 1)]
    [InlineData(EnrollmentState.Ending, 1)]
    public void Drafts_and_what_is_over_hinder_nobody(EnrollmentState state, int conflicts) =>
        Assert.Equal(conflicts, DualParticipation.Conflicts(Sample.Enrollment, Elrp, [Other(Cbp, state)]).Count);

    [Fact]
    public void Other_meter_points_other_days_and_the_enrollment_itself_do_not_conflict()
    {
        var other = Other(Cbp);
        Assert.Empty(DualParticipation.Conflicts(Sample.Enrollment with { MeterPointIds = [Sample.Id(51)] }, Elrp, [other]));
        Assert.Empty(DualParticipation.Conflicts(Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2027-11-01") } }, Elrp, [other]));
        Assert.Single(DualParticipation.Conflicts(Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2027-10-31") } }, Elrp, [other]));
        Assert.Empty(DualParticipation.Conflicts(other.Enrollment, Cbp, [other]));
    }

    [Fact]
    public void Conflicts_are_the_same_from_both_sides() => Prop.ForAll(
        Gen.Elements(TemplateCatalog.All.ToArray()).Two().ToArbitrary(), Gen.Choose(0, 400).Two().ToArbitrary(), (programs, days) =>
        {
            var (one, two) = programs;
            var mine = Sample.Enrollment with { Template = one.Ref, State = EnrollmentState.Active };
            var start = Sample.Day("2027-05-01").PlusDays(days.Item1);
            var theirs = Sample.Enrollment with
            {
                Id = Sample.Id(50),
                Template = two.Ref,
                State = EnrollmentState.Active,
                Period = new DatePeriod { From = start, Until = start.PlusDays(days.Item2) },
            };
            var there = DualParticipation.Conflicts(mine, one, [new OtherEnrollment(theirs, two)]);
            var back = DualParticipation.Conflicts(theirs, two, [new OtherEnrollment(mine, one)]);
            Assert.Equal(there.Select(c => (c.From, c.Until)), back.Select(c => (c.From, c.Until)));
        }).QuickCheckThrowOnFailure();
}
