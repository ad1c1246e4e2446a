using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>What was measured of something else is never told under the same rID.</summary>
public sealed class ChangedChannelTests
{
    private static readonly VenConfig Before = Configs.WithHistory;

    [Fact]
    public void A_channel_of_another_source_begins_anew_and_the_others_keep_what_they_have()
    {
        var ven = Measured(Before);
        ven.Reconfigured(With(r => r.RId == "past-power" ? r with { Source = ReportSources.EnergyImportWh } : r));
        Assert.False(ven.State.Points.ContainsKey("past-power"));
        Assert.True(ven.State.Points.ContainsKey("past-energy"));
        TakesMetadata(ven);
        Assert.Equal(["bad"], ven.IsAskedFor(Vtn.Wants("h-1", "history-usage", "PT0S", "PT0S", "past-power").Between("18:00", "PT3M")).Reports().Column("past-power"));
    }

    [Fact]
    public void So_does_one_of_another_sampling_interval_and_one_that_was_removed_is_gone()
    {
        var ven = Measured(Before);
        ven.Reconfigured(Before with
        {
            Reports = [.. Before.Reports.Where(r => r.RId != "energy").Select(r => r.RId == "power" ? r with { SamplingInterval = Duration.FromMinutes(2) } : r)],
        });
        Assert.DoesNotContain("power", ven.State.Points.Keys);
        Assert.DoesNotContain("energy", ven.State.Points.Keys);
        Assert.Contains("past-power", ven.State.Points.Keys);
    }

    [Fact]
    public void Another_site_is_another_channel_though_the_reports_read_the_same_and_METADATA_says_so()
    {
        var ven = Measured(Before).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.Reconfigured(Before with { SiteId = "site-2" });
        Assert.Empty(ven.State.Points);

        // What the VTN asked for was the other customer's.
        Assert.Empty(ven.State.Reports);
        Assert.Contains(ven.Notes, n => n.Kind == NoteKind.ReportCancelled && n.Text.Contains("rr-1", StringComparison.Ordinal));
        ven.Sends<OadrRegisterReport>();
    }

    [Fact]
    public void Another_vtn_is_told_nothing_that_was_measured_otherwise_either()
    {
        var ven = Measured(Before).Reconfigured(Before with { VtnUrl = "http://other.example/OpenADR2/Simple/2.0b", SiteId = "site-2" });
        Assert.Empty(ven.State.Points);
    }

    [Fact]
    public void What_does_not_change_a_channel_takes_nothing_away()
    {
        var ven = Measured(Before).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        var points = ven.State.Points;
        ven.Reconfigured(Before with { ReportBufferPoints = 300, Sites = [], PollInterval = Duration.FromSeconds(20) });
        Assert.Same(points, ven.State.Points);
        Assert.Single(ven.State.Reports);
    }

    private static VenScript Measured(VenConfig config) => VenScript.Registered(config).ReadsEachMinute("18:00", 3).At("18:03");

    private static VenConfig With(Func<ReportConfig, ReportConfig> change) => Before with { Reports = [.. Before.Reports.Select(change)] };

    private static void TakesMetadata(VenScript ven) =>
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
}
