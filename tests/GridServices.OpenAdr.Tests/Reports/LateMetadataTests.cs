using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>METADATA ends what was asked for before it was owed, and nothing else; what ends is told.</summary>
public sealed class LateMetadataTests
{
    private static readonly ReportRequest Power = Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power");

    [Fact]
    public void Asked_for_in_one_message_with_METADATA_a_report_comes_all_the_same()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-m", "METADATA", "PT0S", "PT0S", "0"), Power)).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal(["rr-1"], created.PendingReports);
        TakesMetadata(ven);
        Assert.Equal("rr-1", Assert.Single(ven.State.Reports).ReportRequestId);
    }

    [Fact]
    public void Asked_for_while_METADATA_waits_after_a_failure_a_report_stays_and_an_earlier_one_ends()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-0", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.After(Duration.FromSeconds(10)).Reconfigured(Configs.Reporting with { Reports = [.. Configs.Reporting.Reports.Take(2)] });
        ven.Sends<OadrRegisterReport>().Fails(TransportFailure.HttpStatus, 500);
        ven.After(Duration.FromMilliseconds(100)).IsAskedFor(Power);
        TakesMetadata(ven.After(Duration.FromSeconds(10)).Polls(Vtn.Nothing));
        Assert.Equal("rr-1", Assert.Single(ven.State.Reports).ReportRequestId);
        Assert.Contains(ven.Notes, n => n.Kind == NoteKind.ReportCancelled && n.Text.Contains("rr-0", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_requests_of_one_reportRequestID_in_one_message_are_452()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Power, Power.Each("PT10M"))).Sends<OadrCreatedReport>(out var created);
        Assert.Equal(452, created.Response.Code);
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void Telemetry_of_a_time_that_is_over_is_459() =>
        Assert.Empty(VenScript.Registered(Configs.Reporting).IsAskedFor(Power.Between("16:00", "PT1H"), 459).State.Reports);

    private static void TakesMetadata(VenScript ven) =>
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
}
