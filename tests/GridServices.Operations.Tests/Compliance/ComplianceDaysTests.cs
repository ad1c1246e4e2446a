using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Json;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Compliance;

/// <summary>Midnight, clock changes, totals, months, and the forms of the report.</summary>
public sealed class ComplianceDaysTests
{
    private static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    [Fact]
    public void An_event_over_midnight_is_one_report()
    {
        var report = ComplianceCalculator.Report(Input(from: Local(2027, 7, 1, 22), until: Local(2027, 7, 2, 2)));
        Assert.Equal((16, 240m, "met"), (report.Rows.Count, report.NominatedKwh, report.VerdictText));
        Assert.StartsWith("2027-07-01 22:00–2027-07-02 02:00 PDT", report.Head.WindowText, StringComparison.Ordinal);
    }

    [Fact]
    public void The_night_when_clocks_go_back_has_an_hour_more_and_names_both()
    {
        var (from, until) = (Local(2027, 10, 31, 1, zone: Berlin), Local(2027, 10, 31, 4, zone: Berlin));
        var report = ComplianceCalculator.Report(Input(from: from, until: until, zone: Berlin) with { Terms = Terms with { IntervalMinutes = 60 } });
        Assert.Equal((4, 240m, "met"), (report.Rows.Count, report.NominatedKwh, report.VerdictText));
        Assert.Equal("2027-10-31 01:00 CEST (UTC+02:00)–04:00 CET (UTC+01:00) = 2027-10-30 23:00–2027-10-31 03:00 UTC", report.Head.WindowText);
        Assert.Equal(["2027-10-31 02:00 CEST (UTC+02:00)", "2027-10-31 02:00 CET (UTC+01:00)"], report.Rows.Skip(1).Take(2).Select(r => ZonedText.Format(r.From, Berlin)));
    }

    [Fact]
    public void The_night_when_clocks_go_forward_has_an_hour_less()
    {
        var report = ComplianceCalculator.Report(Input(from: Local(2027, 3, 28, 1, zone: Berlin), until: Local(2027, 3, 28, 4, zone: Berlin), zone: Berlin));
        Assert.Equal((8, 120m, "met"), (report.Rows.Count, report.NominatedKwh, report.VerdictText));
    }

    [Theory]
    [InlineData("Asia/Kolkata", 30)]
    [InlineData("Asia/Kathmandu", 15)]
    [InlineData("Australia/Lord_Howe", 0)]
    public void Hours_begin_by_the_site_s_clock(string id, int minuteUtc)
    {
        var zone = DateTimeZoneProviders.Tzdb[id];
        var from = Local(2027, 1, 15, 16, 20, zone);
        var report = ComplianceCalculator.Report(Input(from: from, until: Local(2027, 1, 15, 18, zone: zone), zone: zone) with { Terms = Terms with { IntervalMinutes = 60 } });
        Assert.Equal([40, 60], report.Rows.Select(r => (int)(r.Until - r.From).TotalMinutes));
        Assert.Equal(minuteUtc, report.Rows[1].From.InUtc().Minute);
    }

    [Fact]
    public void The_total_over_sites_leaves_out_who_opted_out_and_is_final_only_where_all_are()
    {
        ComplianceReport[] reports =
        [
            ComplianceCalculator.Report(Input()),
            ComplianceCalculator.Report(Input() with { Meter = [.. Meter(Start, End, 15, _ => 70)] }),
            ComplianceCalculator.Report(Input() with { Event = CreateEvent(Start, End, new SiteOpt(OptState.Out, OptSource.User, "ann")) }),
            ComplianceCalculator.Report(Input() with { Meter = [], Readings = [] }),
        ];
        var total = ComplianceTotal.Compute(reports);
        Assert.Equal(new VerdictCounts(1, 1, 0, 1, 0, 1, 0), total.Verdicts);
        Assert.Equal((360m, 720m, 240m, 0.5m), (total.CountedKwh, total.NominatedKwh, total.NominatedOutKwh, total.Score!.Value));
        Assert.Equal((LimitAnswer.No, ReportStatus.Preliminary), (total.LimitRespected, total.Status));
        Assert.Equal((LimitAnswer.Unknown, ReportStatus.Preliminary), ComplianceTotal.Compute([]) is var none ? (none.LimitRespected, none.Status) : default);
    }

    [Fact]
    public void A_month_is_the_site_s_own_and_sums_its_events()
    {
        var lastNight = Local(2027, 7, 31, 23);
        var months = ComplianceMonth.Group([ComplianceCalculator.Report(Input()), ComplianceCalculator.Report(Input(from: lastNight, until: Local(2027, 8, 1, 3))), ComplianceCalculator.Report(Input(from: Local(2027, 8, 1, 16), until: Local(2027, 8, 1, 20)))]);
        Assert.Equal([("2027-07", 2, 480m), ("2027-08", 1, 240m)], months.Select(m => (m.Month.ToString("uuuu-MM", null), m.Total.Verdicts.All, m.Total.NominatedKwh)));
    }

    [Fact]
    public void The_hash_holds_through_JSON_and_breaks_with_any_change()
    {
        var report = ComplianceCalculator.Report(Input() with { Delivery = new LimitDelivery(Start, Start, null), LineLosses = [new LineLoss(Start, End, true)] });
        var read = ComplianceFormats.Read(ComplianceFormats.ToJson(report));
        Assert.True(ComplianceCalculator.HashHolds(read));
        Assert.Equal(report, read);
        Assert.False(ComplianceCalculator.HashHolds(read with { DeliveredKwh = read.DeliveredKwh + 0.001m }));
        Assert.False(ComplianceCalculator.HashHolds(read with { Rows = [.. read.Rows.Skip(1)] }));
        Assert.Contains("\"verdict\":\"met\"", ComplianceFormats.ToJson(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Totals_and_months_come_back_from_JSON_as_they_were()
    {
        var month = ComplianceMonth.Group([ComplianceCalculator.Report(Input())]).Single();
        Assert.Equal([$"{month.SiteId},{month.ProgramCode},2027-07,1,"], ComplianceFormats.ToMonthsCsv([month]).Split("\r\n")[1..^1].Select(line => line[..$"{month.SiteId},{month.ProgramCode},2027-07,1,".Length]));
        Assert.Equal(month, System.Text.Json.JsonSerializer.Deserialize<ComplianceMonth>(System.Text.Json.JsonSerializer.Serialize(month, OperationsJson.Options), OperationsJson.Options));
    }

    [Fact]
    public void Evidence_is_of_the_data_used_in_whatever_order_they_came()
    {
        var evidence = ComplianceCalculator.Report(Input()).Evidence;
        var input = Input();
        var turned = ComplianceCalculator.Report(input with { Meter = [.. input.Meter.Reverse(), new MeterInterval(End, End + Duration.FromMinutes(15), 99)], Readings = [.. input.Readings.Reverse()] }).Evidence;
        Assert.Equal(evidence, turned);
        Assert.Equal(("aa", 240, 16), (Assert.Single(evidence.Messages), evidence.Readings, evidence.MeterIntervals));
        Assert.NotEqual(evidence.TelemetryHash, ComplianceCalculator.Report(input with { Readings = [.. Readings(Start, End, 60, i => i == 7 ? 40_001 : 40_000)] }).Evidence.TelemetryHash);
        Assert.NotEqual(evidence.ReceiptsHash, ComplianceCalculator.Report(input with { Receipts = [new Receipt { EnvelopeId = Guid.Empty, Revision = 1, State = ReceiptState.Started, At = Start }] }).Evidence.ReceiptsHash);
    }

    [Fact]
    public void The_table_as_CSV_leaves_empty_what_is_not_known()
    {
        var reports = new[] { ComplianceCalculator.Report(Input() with { Readings = [], Meter = [.. Meter(Start, End, 15, i => i == 0 ? null : 40)], Limits = [new LimitStep(Start + Duration.FromMinutes(15), End, true)] }) };
        var lines = ComplianceFormats.ToCsv(reports).Split("\r\n");
        Assert.Equal(18, lines.Length);
        Assert.Equal($"PGE-CBP,openadr:pge/e17,site-1,2027-07-01 16:00 PDT (UTC-07:00),2027-07-01T23:00:00Z,2027-07-01T23:15:00Z,100,,,60,,,missing,yes,partly (93 %),preliminary,{reports[0].Hash}", lines[1]);
        Assert.Contains(",100,40,60,60,none,0,metered,yes,", lines[2], StringComparison.Ordinal);
        Assert.Contains(",225,225,240,0.9375,partly (93 %),preliminary,unknown,0,0,900,", ComplianceFormats.ToSitesCsv(reports), StringComparison.Ordinal);
    }
}
