using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class LampTests
{
    private static readonly Instant Now = Sample.Now;

    [Fact]
    public void All_three_are_on_when_all_was_heard()
    {
        var lamps = Compute(Sample.Healthy(Now));
        Assert.Equal((LampState.On, LampState.On, LampState.On), (lamps.Registered.State, lamps.OptedIn.State, lamps.Reporting.State));
        Assert.Contains("VEN_1", lamps.Registered.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_does_not_answer_makes_lamps_unknown_since_its_last_answer_and_never_on()
    {
        var last = Now - Lamps.StaleAfter - Duration.FromSeconds(1);
        var lamps = Compute(Sample.Healthy(last));
        Assert.All([lamps.Registered, lamps.OptedIn, lamps.Reporting], lamp => Assert.Equal((LampState.Unknown, last), (lamp.State, lamp.Since)));
        Assert.All([Compute(new ServiceFacts()).Registered, Compute(new ServiceFacts()).OptedIn, Compute(new ServiceFacts()).Reporting], lamp => Assert.Equal((LampState.Unknown, null), (lamp.State, lamp.Since)));
    }

    [Theory]
    [InlineData("registered", null, LampState.Off)]
    [InlineData("registering", "VEN_1", LampState.Off)]
    [InlineData("paused", "VEN_1", LampState.Off)]
    [InlineData("registered", "VEN_1", LampState.On)]
    public void A_VEN_is_registered_with_its_venID_only(string state, string? venId, LampState lamp) =>
        Assert.Equal(lamp, Compute(new ServiceFacts { Registration = new(Now, new RegistrationFact(state, venId, null, Now)) }).Registered.State);

    [Theory]
    [InlineData("listed", "matches", LampState.On, "registered.listed")]
    [InlineData("listed", "open", LampState.On, "registered.listed")]
    [InlineData("listed", "differs", LampState.Off, "registered.pinDiffers")]
    [InlineData("listed", null, LampState.Off, "registered.notRead")]
    [InlineData("absent", "open", LampState.Off, "registered.absent")]
    [InlineData("unknown", "open", LampState.Off, "registered.notRead")]
    public void An_EndDevice_is_registered_when_listed_and_its_PIN_does_not_differ(string state, string? pin, LampState lamp, string code)
    {
        var registered = Lamps.Compute(Sample.Enrollment, ProgramProtocol.Ieee2030Dot5, new ServiceFacts { Registration = new(Now, new RegistrationFact(state, "3E4F", pin, Now)) }, Now).Registered;
        Assert.Equal((lamp, code), (registered.State, registered.Code));
    }

    [Theory]
    [InlineData(OptPolicy.Auto, null, LampState.On, "optedIn.auto")]
    [InlineData(OptPolicy.Manual, null, LampState.Off, "optedIn.manual")]
    [InlineData(OptPolicy.Never, EventOpt.In, LampState.Off, "optedIn.never")]
    [InlineData(OptPolicy.Auto, EventOpt.In, LampState.On, "optedIn.in")]
    [InlineData(OptPolicy.Auto, EventOpt.Out, LampState.Off, "optedIn.out")]
    [InlineData(OptPolicy.Manual, EventOpt.NotAsked, LampState.Off, "optedIn.notAsked")]
    public void Opted_in_is_the_next_event_s_opt_or_else_the_policy(OptPolicy policy, EventOpt? opt, LampState lamp, string code)
    {
        var facts = new ServiceFacts { Opt = new(Now, opt is { } chosen ? new OptFact("e17", chosen, Now) : null) };
        var opted = Lamps.Compute(Sample.Enrollment with { OptPolicy = policy }, ProgramProtocol.OpenAdr20b, facts, Now).OptedIn;
        Assert.Equal((lamp, code), (opted.State, opted.Code));
    }

    [Theory]
    [InlineData(14, LampState.On)]
    [InlineData(15, LampState.Off)]
    public void Reporting_is_younger_than_three_granularities(int minutes, LampState lamp)
    {
        var reporting = Compute(new ServiceFacts { Reporting = new(Now, new ReportingFact(Now - Duration.FromMinutes(minutes), Duration.FromMinutes(5), 0.9876m)) }).Reporting;
        Assert.Equal(lamp, reporting.State);
        Assert.Contains("98.7 %", reporting.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_point_ever_is_off_and_manual_programs_have_no_registration()
    {
        Assert.Equal("reporting.never", Compute(new ServiceFacts { Reporting = new(Now, new ReportingFact(null, Duration.FromMinutes(5), 0)) }).Reporting.Code);
        Assert.Equal(LampState.NotUsed, Lamps.Compute(Sample.Enrollment, ProgramProtocol.Manual, new ServiceFacts(), Now).Registered.State);
    }

    [Fact]
    public void A_test_limit_binds_nobody_and_is_judged_by_the_controller_s_receipts()
    {
        var envelope = TestLimit.Create(Sample.Site, 5000, Guid.CreateVersion7(), 3, Now);
        Assert.NotNull(EnvelopeReader.ReadEnvelope(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(envelope, ContractJson.Options)).Value);
        Assert.Equal(Obligation.Advisory, envelope.Obligation);
        Receipt Said(ReceiptState state, Guid? id = null) => new() { EnvelopeId = id ?? envelope.EnvelopeId, Revision = 3, State = state, At = Now };

        Assert.Null(TestLimit.Evaluate(envelope, [], Now + Duration.FromSeconds(119)));
        Assert.False(TestLimit.Evaluate(envelope, [], Now + Duration.FromMinutes(2))!.Passed);
        Assert.Null(TestLimit.Evaluate(envelope, [Said(ReceiptState.Received)], Now));
        Assert.True(TestLimit.Evaluate(envelope, [Said(ReceiptState.Received), Said(ReceiptState.Accepted)], Now)!.Passed);
        Assert.False(TestLimit.Evaluate(envelope, [Said(ReceiptState.Accepted), Said(ReceiptState.CannotComply)], Now)!.Passed);
        Assert.Null(TestLimit.Evaluate(envelope, [Said(ReceiptState.Accepted, Guid.CreateVersion7())], Now));
    }

    // The clock was set back since: how old the answer is nobody knows.
    [Fact]
    public void An_answer_ahead_of_our_clock_tells_nothing_and_makes_no_enrollment_ready()
    {
        var ahead = Now + Lamps.StaleAfter + Duration.FromSeconds(1);
        var lamps = Compute(Sample.Healthy(ahead));
        Assert.All([lamps.Registered, lamps.OptedIn, lamps.Reporting], lamp => Assert.Equal((LampState.Unknown, ahead), (lamp.State, lamp.Since)));
        var point = new ReportingFact(ahead, Duration.FromSeconds(30), 1);
        Assert.Equal("reporting.silent", Compute(new ServiceFacts { Reporting = new(Now, point) }).Reporting.Code);
        Assert.Equal("reporting.fresh", Compute(new ServiceFacts { Reporting = new(Now, point with { LastGoodPoint = Now + Lamps.StaleAfter }) }).Reporting.Code);
    }

    private static Lamps Compute(ServiceFacts facts) => Lamps.Compute(Sample.Enrollment, ProgramProtocol.OpenAdr20b, facts, Now);
}
