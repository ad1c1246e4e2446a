using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class LifecycleTests
{
    private static readonly Instant Later = Sample.Now + Duration.FromHours(1);
    private static readonly Instant InSeason = Sample.At("2027-06-01T12:00:00Z");

    /// <summary>Rows: state. Columns: submit review accept reject provision provisioned failed override suspend resume end withdrawn withdraw reopen. A dot is a refusal.</summary>
    private const string Table = """
        draft          . . . . . . . . . . . . withdrawn .
        incomplete     . . . . . . . . . . . . withdrawn .
        readyToSubmit  submitted . . . . . . . . . . . withdrawn .
        submitted      . utilityReview accepted rejected . . . . . . . . withdrawn .
        utilityReview  . . accepted rejected . . . . . . . . withdrawn .
        accepted       . . . . provisioning . . . . . . . withdrawn .
        provisioning   . . . . . testing accepted . . . ending . . .
        testing        . . . . provisioning . . testing suspended . ending . . .
        active         . . . . . . . . suspended . ending . . .
        suspended      . . . . provisioning . . . . testing ending . . .
        ending         . . . . . . . . . . . ended . .
        ended          . . . . . . . . . . . . . .
        rejected       . . . . . . . . . . . . . draft
        withdrawn      . . . . . . . . . . . . . draft
        ineligible     . . . . . . . . . . . . withdrawn .
        """;

    public static TheoryData<EnrollmentState, CommandKind, EnrollmentState?> EveryCase()
    {
        var data = new TheoryData<EnrollmentState, CommandKind, EnrollmentState?>();
        foreach (var cells in Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            Assert.True(Contracts.EnumNames<EnrollmentState>.TryParse(cells[0], out var state));
            foreach (var (command, cell) in Enum.GetValues<CommandKind>().Skip(1).Zip(cells.Skip(1)))
            {
                data.Add(state, command, cell == "." ? null : Contracts.EnumNames<EnrollmentState>.TryParse(cell, out var next) ? next : throw new FormatException(cell));
            }
        }

        return data;
    }

    [Fact]
    public void The_table_holds_every_state_and_every_command() =>
        Assert.Equal(Enum.GetValues<EnrollmentState>().Length * (Enum.GetValues<CommandKind>().Length - 1), EveryCase().Count);

    [Theory]
    [MemberData(nameof(EveryCase))]
    public void A_command_does_in_a_state_what_the_table_says(EnrollmentState state, CommandKind command, EnrollmentState? next)
    {
        Assert.Equal(next, Lifecycle.Next(state, command));
        // The same through the whole function, with nothing missing and no service heard, so that facts move nothing on.
        var outcome = Lifecycle.Apply(Sample.Enrollment with { State = state }, new LifecycleCommand(command, "because", "REF-1"), Sample.Facts, Later);
        Assert.Equal(next is null, outcome.Enrollment is null);
        Assert.Equal(next is null, outcome.Refusal is not null);
        if (next is { } wanted)
        {
            Assert.Equal(command == CommandKind.Reopen ? EnrollmentState.ReadyToSubmit : wanted, outcome.Enrollment!.State);
        }
    }

    [Theory]
    [InlineData(EnrollmentState.Draft, EnrollmentState.ReadyToSubmit)]
    [InlineData(EnrollmentState.Incomplete, EnrollmentState.ReadyToSubmit)]
    [InlineData(EnrollmentState.Submitted, EnrollmentState.Submitted)]
    [InlineData(EnrollmentState.Accepted, EnrollmentState.Accepted)]
    [InlineData(EnrollmentState.Ended, EnrollmentState.Ended)]
    public void Evaluation_moves_only_what_facts_move(EnrollmentState state, EnrollmentState next)
    {
        var enrollment = Evaluate(Sample.Enrollment with { State = state }, Sample.Facts, Later);
        Assert.Equal((next, next == state ? Sample.Now : Later), (enrollment.State, enrollment.StateSince));
    }

    [Fact]
    public void What_is_missing_makes_it_incomplete_and_a_refused_submit_names_the_first()
    {
        var facts = Sample.Facts with { Certificate = null };
        var incomplete = Evaluate(Sample.Enrollment with { State = EnrollmentState.ReadyToSubmit }, facts, Later);
        Assert.Equal((EnrollmentState.Incomplete, "identity.certificate"), (incomplete.State, incomplete.RequiredActions.Single(a => a.Blocks).Code));
        var stale = Lifecycle.Apply(Sample.Enrollment with { State = EnrollmentState.ReadyToSubmit }, new LifecycleCommand(CommandKind.Submit), facts, Later);
        Assert.StartsWith("1 required action is open, the first: choose the client certificate", stale.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_site_in_another_country_is_ineligible_and_not_merely_incomplete()
    {
        var abroad = Sample.Facts with { Template = Sample.Template("PGE-ELRP-A1"), Site = Sample.Site with { Address = Sample.Site.Address with { Country = "CA", Region = "QC" } } };
        var enrollment = Evaluate(Sample.Enrollment, abroad, Later);
        Assert.Equal(EnrollmentState.Ineligible, enrollment.State);
        Assert.True(enrollment.Attention);
        Assert.Contains("sites in US, this one is in CA", enrollment.StateReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Testing_becomes_active_on_the_first_day_of_the_period_once_everything_was_seen()
    {
        var testing = Sample.Enrollment with { State = EnrollmentState.Testing };
        var early = Evaluate(testing, Sample.Facts with { Services = Sample.Healthy(Later) }, Later);
        Assert.Equal((EnrollmentState.Testing, Later), (early.State, early.TestedAt));
        Assert.Equal((EnrollmentState.Accepted, Sample.Day("2027-05-01")), Lifecycle.GetDisplayState(early, Sample.Day("2027-03-01")));

        // The services may be down on that day: the test was passed.
        var begun = Evaluate(early, Sample.Facts, InSeason);
        Assert.Equal(EnrollmentState.Active, begun.State);
        Assert.Equal((EnrollmentState.Active, null), Lifecycle.GetDisplayState(begun, Sample.Day("2027-06-01")));
    }

    public static TheoryData<string, ServiceFacts> NotReady()
    {
        var good = Sample.Healthy(Later);
        return new()
        {
            { "test.notRegistered", good with { Registration = new(Later, new RegistrationFact("registering", null, null, Later)) } },
            { "test.notRegistered", good with { Registration = new(Later - Duration.FromMinutes(4), good.Registration.Value) } },
            { "test.noTelemetry", good with { Reporting = new(Later, new ReportingFact(Later - Duration.FromMinutes(3), Duration.FromMinutes(1), 1)) } },
            { "test.noController", good with { Controller = new(Later, new SubscriptionFact(false, Later)) } },
            { "test.noController", good with { Controller = Observed<SubscriptionFact>.Never } },
            { "test.notRun", good with { Test = null } },
            { "test.notRun", good with { Test = good.Test! with { At = Sample.Now - Duration.FromMinutes(1) } } },
            { "test.failed", good with { Test = good.Test! with { Passed = false } } },
        };
    }

    [Theory]
    [MemberData(nameof(NotReady))]
    public void What_was_not_seen_since_provisioning_keeps_it_in_test(string code, ServiceFacts services)
    {
        var testing = Sample.Enrollment with { State = EnrollmentState.Testing };
        var facts = Sample.Facts with { Services = services };
        Assert.Equal(code, Assert.Single(Readiness.Missing(testing, facts, Later)).Code);
        Assert.Null(Evaluate(testing, facts, Later).TestedAt);
    }

    [Fact]
    public void A_person_may_override_the_test_with_a_reason_only()
    {
        var testing = Sample.Enrollment with { State = EnrollmentState.Testing };
        Assert.Contains("reason", Lifecycle.Apply(testing, new LifecycleCommand(CommandKind.OverrideTest), Sample.Facts, InSeason).Refusal, StringComparison.Ordinal);
        var active = Lifecycle.Apply(testing, new LifecycleCommand(CommandKind.OverrideTest, "tested by telephone"), Sample.Facts, InSeason).Enrollment!;
        Assert.Equal(EnrollmentState.Active, active.State);
    }

    [Fact]
    public void A_program_without_a_protocol_needs_no_lamps()
    {
        var facts = Sample.Facts with { Template = Sample.Template("DUKE-POWERSHARE") };
        Assert.Equal(EnrollmentState.Active, Evaluate(Sample.Enrollment with { State = EnrollmentState.Testing }, facts, InSeason).State);
    }

    [Theory]
    [InlineData("paused", EnrollmentState.Suspended)]
    [InlineData("registering", EnrollmentState.Active)]
    public void A_cancelled_registration_suspends_and_a_lost_line_does_not(string state, EnrollmentState next)
    {
        var services = new ServiceFacts { Registration = new(InSeason, new RegistrationFact(state, null, null, InSeason)) };
        Assert.Equal(next, Evaluate(Sample.Enrollment with { State = EnrollmentState.Active }, Sample.Facts with { Services = services }, InSeason).State);
        Assert.Equal(EnrollmentState.Active, Evaluate(Sample.Enrollment with { State = EnrollmentState.Active }, Sample.Facts, InSeason).State);
    }

    [Fact]
    public void What_the_facts_suspended_the_facts_bring_back()
    {
        var paused = new ServiceFacts { Registration = new(InSeason, new RegistrationFact("paused", null, null, InSeason)) };
        var suspended = Evaluate(Sample.Enrollment with { State = EnrollmentState.Active, TestedAt = Later }, Sample.Facts with { Services = paused }, InSeason);
        Assert.Equal((EnrollmentState.Suspended, SuspensionCause.Registration), (suspended.State, suspended.SuspendedFor));
        Assert.Equal(EnrollmentState.Suspended, Evaluate(suspended, Sample.Facts, InSeason).State);
        var again = Evaluate(suspended, Sample.Facts with { Services = Sample.Healthy(InSeason) }, InSeason);
        Assert.Equal((EnrollmentState.Active, null), (again.State, again.SuspendedFor));

        var expired = Evaluate(Sample.Enrollment with { State = EnrollmentState.Active }, Sample.Facts with { Certificate = Sample.Certificate with { NotAfter = InSeason } }, InSeason);
        Assert.Equal(SuspensionCause.Certificate, expired.SuspendedFor);
        Assert.Equal(EnrollmentState.Suspended, Evaluate(expired, Sample.Facts with { Certificate = null }, InSeason).State);
        Assert.Equal(EnrollmentState.Active, Evaluate(expired, Sample.Facts, InSeason).State);
    }

    [Fact]
    public void What_a_person_suspended_only_a_person_resumes_and_the_test_still_counts()
    {
        var active = Sample.Enrollment with { State = EnrollmentState.Active, TestedAt = Later };
        var suspended = Lifecycle.Apply(active, new LifecycleCommand(CommandKind.Suspend, "works"), Sample.Facts, InSeason).Enrollment!;
        Assert.Equal((EnrollmentState.Suspended, SuspensionCause.Person), (suspended.State, suspended.SuspendedFor));
        Assert.Equal(EnrollmentState.Suspended, Evaluate(suspended, Sample.Facts with { Services = Sample.Healthy(InSeason) }, InSeason).State);
        var resumed = Lifecycle.Apply(suspended, new LifecycleCommand(CommandKind.Resume), Sample.Facts, InSeason).Enrollment!;
        Assert.Equal((EnrollmentState.Active, null), (resumed.State, resumed.SuspendedFor));
    }

    [Theory]
    [InlineData(EnrollmentState.Testing)]
    [InlineData(EnrollmentState.Suspended)]
    public void A_period_that_is_over_ends_what_was_provisioned(EnrollmentState state) =>
        Assert.Equal(EnrollmentState.Ending, Evaluate(Sample.Enrollment with { State = state }, Sample.Facts, Sample.At("2027-11-01T00:00:00Z")).State);

    [Fact]
    public void An_expired_certificate_or_a_revoked_consent_suspends()
    {
        var active = Sample.Enrollment with { State = EnrollmentState.Active };
        Assert.Equal(EnrollmentState.Suspended, Evaluate(active, Sample.Facts with { Certificate = Sample.Certificate with { NotAfter = InSeason } }, InSeason).State);
        var revoked = active with { Consent = new Consent { ContactId = Sample.Id(4), SignedAt = Sample.Now, Scope = "all", RevokedAt = InSeason } };
        Assert.Equal(EnrollmentState.Suspended, Evaluate(revoked, Sample.Facts, InSeason).State);
    }

    [Theory]
    [InlineData("2027-10-31T23:59:59Z", EnrollmentState.Active)]
    [InlineData("2027-11-01T00:00:00Z", EnrollmentState.Ending)]
    public void The_last_day_of_the_period_still_counts(string at, EnrollmentState next) =>
        Assert.Equal(next, Evaluate(Sample.Enrollment with { State = EnrollmentState.Active }, Sample.Facts, Sample.At(at)).State);

    [Fact]
    public void Provisioning_that_takes_longer_than_five_minutes_and_reviews_beyond_their_time_need_attention()
    {
        Assert.False(Evaluate(Sample.Enrollment with { State = EnrollmentState.Provisioning }, Sample.Facts, Sample.Now + Duration.FromMinutes(5)).Attention);
        Assert.True(Evaluate(Sample.Enrollment with { State = EnrollmentState.Provisioning }, Sample.Facts, Sample.Now + Duration.FromMinutes(6)).Attention);
        var reviewed = Sample.Facts with { Template = Sample.Facts.Template with { ReviewDays = new Fact<int>(10, "test", Certainty.Judgement) } };
        Assert.False(Evaluate(Sample.Enrollment with { State = EnrollmentState.Submitted }, reviewed, Sample.Now + Duration.FromDays(10)).Attention);
        Assert.True(Evaluate(Sample.Enrollment with { State = EnrollmentState.Submitted }, reviewed, Sample.Now + Duration.FromDays(11)).Attention);
    }

    [Fact]
    public void The_utility_s_reference_and_the_reason_are_kept()
    {
        var accepted = Lifecycle.Apply(Sample.Enrollment with { State = EnrollmentState.Submitted }, new LifecycleCommand(CommandKind.Accept, null, "PGE-77"), Sample.Facts, Later).Enrollment!;
        var failed = Lifecycle.Apply(accepted with { State = EnrollmentState.Provisioning }, new LifecycleCommand(CommandKind.ProvisioningFailed, "venName is taken"), Sample.Facts, Later).Enrollment!;
        Assert.Equal(("PGE-77", "venName is taken", EnrollmentState.Accepted), (failed.UtilityReference, failed.StateReason, failed.State));
    }

    [Fact]
    public void Provisioning_anew_asks_for_a_new_test()
    {
        var tested = Sample.Enrollment with { State = EnrollmentState.Testing, TestedAt = Later };
        Assert.Null(Lifecycle.Apply(tested, new LifecycleCommand(CommandKind.Provision), Sample.Facts, Later).Enrollment!.TestedAt);
    }

    [Fact]
    public void After_the_utility_s_deadline_nothing_is_submitted()
    {
        var late = Sample.Facts with { Template = Sample.Facts.Template with { EnrollmentDeadlines = [new EnrollmentDeadline(new AnnualDate(4, 1), new AnnualDate(5, 1), "test", Certainty.Judgement)] } };
        var ready = Sample.Enrollment with { State = EnrollmentState.ReadyToSubmit };
        Assert.NotNull(Lifecycle.Apply(ready, new LifecycleCommand(CommandKind.Submit), late, Sample.At("2027-04-01T23:00:00Z")).Enrollment);
        Assert.Contains("deadline", Lifecycle.Apply(ready, new LifecycleCommand(CommandKind.Submit), late, Sample.At("2027-04-02T00:00:00Z")).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void No_sequence_of_commands_reaches_active_without_submit_accept_and_provisioning() => Prop.ForAll(
        Gen.Elements(Enum.GetValues<CommandKind>()).ArrayOf(14).ToArbitrary(), commands =>
        {
            var enrollment = Sample.Enrollment;
            var passed = new List<EnrollmentState>();
            foreach (var command in commands)
            {
                var outcome = Lifecycle.Apply(enrollment, new LifecycleCommand(command, "because"), Sample.Facts with { Services = Sample.Healthy(InSeason) }, InSeason);
                Assert.True(outcome.Enrollment is null != outcome.Refusal is null);
                enrollment = outcome.Enrollment ?? enrollment;
                passed.Add(enrollment.State);
            }

            if (passed.Contains(EnrollmentState.Active))
            {
                Assert.Contains(CommandKind.Submit, commands);
                Assert.Contains(CommandKind.Accept, commands);
                Assert.Contains(CommandKind.Provisioned, commands);
            }
        }).QuickCheckThrowOnFailure();

    private static Enrollment Evaluate(Enrollment enrollment, EnrollmentFacts facts, Instant now) =>
        Lifecycle.Apply(enrollment, new LifecycleCommand(CommandKind.Evaluate), facts, now).Enrollment!;
}
