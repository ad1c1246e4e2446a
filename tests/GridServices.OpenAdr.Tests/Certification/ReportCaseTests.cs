using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>Report cases of the certification that no other test tells as a scenario.</summary>
public class ReportCaseTests : EitherWay
{
    public ReportCaseTests()
        : this(VenTransport.Pull)
    {
    }

    protected ReportCaseTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void R1_3027_a_short_report_of_usage_comes_each_minute_and_ends_with_its_interval()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power").Between("18:00", "PT2M"));
        ven.ReadsEachMinute("18:00", 2);
        Assert.Equal(["0"], ven.At("18:01").Reports().Column("power"));
        Assert.Equal(["1"], ven.At("18:02").Reports().Column("power"));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void R1_3030_two_requests_one_after_the_other_run_side_by_side()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power"));
        ven.Polls(Vtn.AsksReports("q-2", Vtn.Wants("rr-2", "telemetry-status", "PT1M", "PT3M", "status"))).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal(["rr-1", "rr-2"], created.PendingReports);
        ven.ReadsEachMinute("18:00", 4);
        Assert.Equal("rr-1", ven.At("18:02").Reports().ReportRequestId);
        Assert.Equal("rr-2", ven.At("18:03").Reports().ReportRequestId);
        Assert.Equal("rr-1", ven.At("18:04").Reports().ReportRequestId);
    }

    [Fact]
    public void R1_3150_and_3160_usage_of_power_and_of_energy_are_told_in_their_own_units()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power", "energy"));
        var report = ven.Reads("18:00", 1500, register: 40).Reads("18:01", 1600, register: 65).At("18:02").Reports();
        Assert.Equal(["1500", "1600"], report.Column("power"));
        Assert.Equal(["40", "65"], report.Column("energy"));
        Assert.Equal((Vtn.Time("18:00"), Duration.FromMinutes(2)), (report.Start, report.Duration!.ToDuration()));
    }
}

/// <summary>The same of a VEN that is pushed to.</summary>
public sealed class PushedReportCaseTests() : ReportCaseTests(VenTransport.Push);
