using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

public class ReportTests : EitherWay
{
    public ReportTests()
        : this(VenTransport.Pull)
    {
    }

    protected ReportTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void METADATA_tells_every_channel_its_unit_its_source_and_its_rates()
    {
        var ven = Unregistered(Configs.Reporting with { Quirks = new VenQuirks { SkipQueryRegistration = true } });
        ven.Hears(Vtn.Registers("req-1")).Sends<OadrRegisterReport>(out var metadata);
        Assert.Null(metadata.ReportRequestId);
        Assert.Equal(["METADATA_TELEMETRY_USAGE", "METADATA_TELEMETRY_STATUS"], metadata.Reports.Select(r => r.ReportName));
        Assert.All(metadata.Reports, r => Assert.Equal("0", r.ReportRequestId));
        Assert.Equal(2, metadata.Reports.Select(r => r.ReportSpecifierId).Distinct().Count());
        var usage = metadata.Reports[0];
        Assert.Equal([("power", "usage", "Direct Read", ItemKind.PowerReal), ("energy", "usage", "Direct Read", ItemKind.EnergyReal)],
            usage.Descriptions.Select(d => (d.RId, d.ReportType, d.ReadingType, d.ItemBase!.Kind)));
        Assert.All(usage.Descriptions, d => Assert.True(d.SamplingRate!.MaxPeriod.ToDuration() <= usage.Duration!.ToDuration()));
        var status = metadata.Reports[1].Descriptions[0];
        Assert.Equal(("x-resourceStatus", "x-notApplicable", "r1"), (status.ReportType, status.ReadingType, status.DataSource!.ResourceIds[0]));
    }

    [Fact]
    public void R1_3170_METADATA_asked_for_by_oadrCreateReport_is_confirmed_and_sent_with_the_request_at_the_root()
    {
        var ven = Registered(Configs.Reporting).Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-m", "METADATA", "PT0S", "PT0S", "0")));
        ven.Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal((200, "q-1"), (created.Response.Code, created.Response.RequestId));
        ven.Sends<OadrRegisterReport>(out var metadata);
        Assert.Equal("rr-m", metadata.ReportRequestId);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId)).Sends<OadrPoll>();
    }

    [Fact]
    public void R1_3010_a_one_shot_status_has_one_interval_with_what_is_known_now()
    {
        var ven = Reads(Registered(Configs.Reporting), "17:59:30", 1000, manual: true);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-status", "PT0S", "PT0S", "status"));
        ven.Sends<OadrUpdateReport>(out var data);
        var report = Assert.Single(data.Reports);
        Assert.Equal(("rr-1", "telemetry-status", "TELEMETRY_STATUS"), (report.ReportRequestId, report.ReportSpecifierId, report.ReportName));
        Assert.Equal(new ResourceStatus(true, true, null), Assert.Single(Assert.Single(report.Intervals).Payloads).Status);
        ven.Hears(Updated(data)).Sends<OadrPoll>();
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void R1_3020_a_periodic_report_comes_every_reportBack_with_one_interval_per_granularity()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT3M", "power", "energy"));
        for (var i = 0; i < 3; i++)
        {
            Reads(ven, $"18:0{i}:20", 1000 + i);
        }

        ven.At("18:02:59").Polls(Vtn.Nothing);
        ven.At("18:03").Sends<OadrUpdateReport>(out var data);
        var report = data.Reports[0];
        Assert.Equal((Vtn.Time("18:00"), Duration.FromMinutes(3)), (report.Start, report.Duration!.ToDuration()));
        Assert.Equal([1000d, 1001, 1002], report.Intervals.Select(i => i.Payloads[0].Value!.Value));
        Assert.All(report.Intervals, i => Assert.Equal(["power", "energy"], i.Payloads.Select(p => p.RId)));
        ven.Hears(Updated(data)).At("18:06").Sends<OadrUpdateReport>(out var next);
        Assert.Equal(Vtn.Time("18:03"), next.Reports[0].Start);
    }

    [Fact]
    public void A_fast_report_waits_for_its_last_reading_and_tells_every_value_as_new()
    {
        var config = Configs.Ven with
        {
            Reports = [new ReportConfig { Kind = ReportKind.TelemetryUsage, RId = "power", Source = ReportSources.NetPowerW, SamplingInterval = Duration.FromSeconds(2) }],
        };
        var ven = Registered(config, at: "18:00:01");
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT2S", "PT10S", "power"))).Hears(Vtn.Nothing).Hears(Vtn.Nothing);
        for (var s = 0; s < 40; s++)
        {
            ven.After(Duration.FromSeconds(1));
            while (ven.Next() is VenNext.SendRequest { Message: var message })
            {
                if (message is OadrUpdateReport report)
                {
                    Assert.All(report.Reports[0].Intervals.Skip(s < 12 ? 1 : 0), i => Assert.Equal(DataQuality.Good, i.Payloads[0].Quality));
                    ven.Hears(new OadrUpdatedReport(EiResponse.Ok(report.RequestId), null, Vtn.VenId));
                }
                else
                {
                    ven.Hears(Vtn.Nothing);
                }
            }

            // A meter that is read each two seconds and heard one second later.
            if (s % 2 == 1)
            {
                ven.Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = ven.Now - Duration.FromSeconds(1), NetPowerW = s })]));
            }
        }
    }

    [Fact]
    public void A_report_asked_for_in_another_unit_than_the_one_offered_is_refused()
    {
        var asks = Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power");
        var watts = new ItemBase { Kind = ItemKind.PowerReal, Description = "RealPower", Units = "W", Scale = SiScale.None };
        ReportRequest In(ItemBase unit) => asks with { Specifier = asks.Specifier with { Payloads = [asks.Specifier.Payloads[0] with { ItemBase = unit }] } };
        var ven = Registered(Configs.Reporting).Polls(Vtn.AsksReports("q-1", In(watts with { Scale = SiScale.Kilo })));
        ven.Sends<OadrCreatedReport>(out var refused).Hears(Vtn.Nothing);
        Assert.Equal(461, refused.Response.Code);
        Assert.Contains("asked for in kW (powerReal) and offered in W (powerReal)", refused.Response.Description, StringComparison.Ordinal);
        ven.Polls(Vtn.AsksReports("q-2", In(watts with { Description = "power" }))).Sends<OadrCreatedReport>(out var taken);
        Assert.Equal(200, taken.Response.Code);
    }

    [Fact]
    public void Where_no_value_is_a_placeholder_stands_marked_bad()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power"));
        Reads(ven, "18:01:00", 5);
        ven.At("18:02").Sends<OadrUpdateReport>(out var data);
        Assert.Equal([("Quality Bad - Comm Failure", 0d), ("Quality Good - Non Specific", 5d)], data.Reports[0].Intervals.Select(i => (i.Payloads[0].Quality!, i.Payloads[0].Value!.Value)));
    }

    [Fact]
    public void A_window_whose_reading_is_still_on_its_way_holds_the_value_before_it_and_says_so()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power"));
        Reads(ven, "18:01:00", 5);
        ven.At("18:02").Sends<OadrUpdateReport>(out var first);
        ven.Hears(Updated(first)).At("18:04").Sends<OadrUpdateReport>(out var next);
        Assert.All(next.Reports[0].Intervals, i => Assert.Equal(("No New Value - Previous Value Used", 5d), (i.Payloads[0].Quality!, i.Payloads[0].Value!.Value)));
        ven.Hears(Updated(next)).At("18:06").Sends<OadrUpdateReport>(out var silent);
        Assert.All(silent.Reports[0].Intervals, i => Assert.Equal("Quality Bad - Comm Failure", i.Payloads[0].Quality));
    }

    [Fact]
    public void R1_3025_a_delayed_report_on_change_starts_later_and_says_so_when_nothing_changed()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT0S", "PT5M", "power").Between("18:10", "PT10M"));
        Reads(ven, "18:09", 7);
        Reads(ven, "18:11", 7);
        Reads(ven, "18:12", 8);
        ven.At("18:14").Polls(Vtn.Nothing);
        ven.At("18:15").Sends<OadrUpdateReport>(out var first).Hears(Updated(first));
        Assert.Equal([(Vtn.Time("18:12"), 8d)], first.Reports[0].Intervals.Select(i => (i.Start!.Value, i.Payloads[0].Value!.Value)));
        ven.At("18:20").Sends<OadrUpdateReport>(out var second).Hears(Updated(second));
        Assert.Equal(("No New Value - Previous Value Used", 8d), (second.Reports[0].Intervals[0].Payloads[0].Quality, second.Reports[0].Intervals[0].Payloads[0].Value));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void After_an_outage_at_least_a_hundred_buffered_points_arrive()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        for (var minute = 0; minute < 180; minute++)
        {
            Reads(ven, (Vtn.Time("18:00") + Duration.FromMinutes(minute)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null), minute);
        }

        ven.At("21:00");
        var got = new List<double>();
        while (ven.Next() is VenNext.SendRequest { Message: OadrUpdateReport data })
        {
            got.AddRange(data.Reports.SelectMany(r => r.Intervals).Where(i => i.Payloads[0].Quality == DataQuality.Good).Select(i => i.Payloads[0].Value!.Value));
            ven.Hears(Updated(data));
        }

        Assert.Equal(Enumerable.Range(0, 180).Select(i => (double)i), got);
    }

    [Fact]
    public void The_buffer_is_bounded_and_takes_one_point_per_slot_in_any_order()
    {
        var ven = Unregistered(Configs.Reporting with { ReportBufferPoints = 100 });
        for (var minute = 0; minute < 300; minute++)
        {
            Reads(ven, (Vtn.Time("10:00") + Duration.FromMinutes(minute)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null), minute);
        }

        var before = ven.State;
        Reads(ven, "14:59:30", 99_999);
        Assert.Same(before, ven.State);
        Assert.Equal(100, ven.State.Points["power"].Count);
        Assert.Equal(299, ven.State.Points["power"][99].Value);

        var late = Reads(Reads(Unregistered(Configs.Reporting), "18:02", 2), "18:01", 1);
        Assert.Equal([1L, 2L], late.State.Points["power"].Select(p => p.Value!.Value));
    }

    [Fact]
    public void Readings_nobody_reports_and_readings_from_the_future_change_nothing()
    {
        var ven = Registered();
        var before = ven.State;
        Reads(ven, "18:00", 5);
        Assert.Same(before, ven.State);
        var reporting = Registered(Configs.Reporting);
        reporting.Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = Vtn.Time("19:00"), NetPowerW = 1 })]));
        Assert.Empty(reporting.State.Points);
    }

    [Theory]
    [InlineData("nope", "PT1M", "PT5M", "power", 452)]
    [InlineData("telemetry-usage", "PT1M", "PT5M", "nope", 452)]
    [InlineData("telemetry-usage", "PT10S", "PT5M", "power", 454)]
    [InlineData("telemetry-usage", "PT1H", "P1D", "power", 454)]
    [InlineData("telemetry-usage", "PT5M", "PT1M", "power", 454)]
    [InlineData("telemetry-usage", "PT1M", "P30D", "power", 454)]
    [InlineData("telemetry-usage", "P1M", "P1M", "power", 459)]
    public void R1_3190_a_report_that_was_not_offered_is_refused(string specifier, string granularity, string back, string rId, int code)
    {
        var ven = Registered(Configs.Reporting).Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", specifier, granularity, back, rId)));
        ven.Sends<OadrCreatedReport>(out var created);
        Assert.Equal((code, "q-1"), (created.Response.Code, created.Response.RequestId));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_report_that_starts_beyond_the_calendar_is_refused()
    {
        var request = Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power").Between("9999-12-31T00:00:00Z", "P3650D");
        Registered(Configs.Reporting).Polls(Vtn.AsksReports("q-1", request)).Sends<OadrCreatedReport>(out var created);
        Assert.Equal(459, created.Response.Code);
    }

    internal static OadrUpdatedReport Updated(OadrUpdateReport data) => new(EiResponse.Ok(data.RequestId), null, Vtn.VenId);

    internal static void Ask(VenScript ven, ReportRequest request)
    {
        ven.Polls(Vtn.AsksReports("q-1", request)).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal(200, created.Response.Code);
        ven.State = ven.State with { Link = new LinkState() };
    }

    internal static VenScript Reads(VenScript ven, string at, long watts, bool manual = false) => ven.At(at)
        .Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = Vtn.Time(at), NetPowerW = watts, EnergyImportWh = watts, ManualOverride = manual })]));
}

/// <summary>The same, pushed.</summary>
public sealed class PushedReportTests() : ReportTests(VenTransport.Push);
