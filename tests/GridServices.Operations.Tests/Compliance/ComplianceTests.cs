using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Compliance;

public sealed class ComplianceTests
{
    [Fact]
    public void Delivery_of_what_was_nominated_is_met_and_final_with_the_meter_s_data()
    {
        var report = ComplianceCalculator.Report(Input());
        Assert.Equal((ComplianceVerdict.Met, "met", ReportStatus.Final, 1m), (report.Verdict, report.VerdictText, report.Status, report.Score!.Value));
        Assert.Equal((240m, 240m, 240m), (report.DeliveredKwh, report.CountedKwh, report.NominatedKwh));
        Assert.Equal(16, report.Rows.Count);
        Assert.All(report.Rows, r => Assert.Equal((100m, 40m, 60m, 60m, 50_000L, 0m, DataQuality.Metered), (r.BaselineKw, r.ActualKw, r.DeliveredKw, r.NominatedKw, r.LimitW, r.OverLimitKwh, r.Quality)));
        Assert.Equal(new LimitVerdict(LimitAnswer.Yes, 0, 0, 0, 14_400, true), report.Limit);
    }

    [Fact]
    public void The_head_tells_the_window_in_both_times_the_notice_and_who_opted()
    {
        var head = ComplianceCalculator.Report(Input()).Head;
        Assert.Equal("2027-07-01 16:00–20:00 PDT (UTC-07:00) = 2027-07-01 23:00–2027-07-02 03:00 UTC", head.WindowText);
        Assert.Equal((10_800, OptSource.Rule, "America/Los_Angeles"), (head.NoticeSeconds, head.Opt.By, head.Zone));
    }

    [Theory]
    [InlineData(50.8, "partly (82 %)", ComplianceVerdict.Partly)]
    [InlineData(40.001, "partly (99 %)", ComplianceVerdict.Partly)]
    [InlineData(40, "met", ComplianceVerdict.Met)]
    [InlineData(10, "met", ComplianceVerdict.Met)]
    [InlineData(100, "missed", ComplianceVerdict.Missed)]
    [InlineData(130, "missed", ComplianceVerdict.Missed)]
    public void The_verdict_follows_the_score(double kw, string text, ComplianceVerdict verdict)
    {
        var report = ComplianceCalculator.Report(Input() with { Meter = [.. Meter(Start, End, 15, _ => (decimal)kw)] });
        Assert.Equal((verdict, text), (report.Verdict, report.VerdictText));
    }

    [Fact]
    public void Telemetry_makes_a_preliminary_report_and_late_meter_data_the_final_one()
    {
        var input = Input(End + Duration.FromMinutes(5)) with { Meter = [] };
        var early = ComplianceCalculator.Report(input);
        Assert.Equal((ComplianceVerdict.Met, ReportStatus.Preliminary), (early.Verdict, early.Status));
        Assert.All(early.Rows, r => Assert.Equal(DataQuality.Telemetry, r.Quality));
        Assert.Equal(ReportStatus.Preliminary, ComplianceCalculator.Report(input with { Now = Finality }).Status);
        var late = ComplianceCalculator.Report(Input(Finality));
        Assert.Equal(ReportStatus.Final, late.Status);
        Assert.Equal(ReportStatus.Preliminary, ComplianceCalculator.Report(Input(Finality - Duration.Epsilon)).Status);
        Assert.NotEqual(early.Hash, late.Hash);
    }

    [Fact]
    public void Nothing_becomes_final_where_nobody_says_when_data_are() =>
        Assert.Equal(ReportStatus.Preliminary, ComplianceCalculator.Report(Input() with { Terms = Terms with { DataFinalityDays = null } }).Status);

    [Fact]
    public void An_event_that_goes_on_is_provisional_and_shows_what_is_so_far()
    {
        var report = ComplianceCalculator.Report(Input(Start + Duration.FromMinutes(40)));
        Assert.Equal((ComplianceVerdict.Provisional, "provisional", ReportStatus.Preliminary, LimitAnswer.Unknown), (report.Verdict, report.VerdictText, report.Status, report.Limit.Respected));
        Assert.Equal([15, 15, 10], report.Rows.Select(r => (int)(r.Until - r.From).TotalMinutes));
        Assert.Empty(ComplianceCalculator.Report(Input(Start - Duration.FromHours(1))).Rows);
    }

    [Fact]
    public void Missing_data_are_waited_for_until_they_are_due_and_then_count_as_nothing()
    {
        var input = Input() with { Readings = [], Meter = [.. Meter(Start, End, 15, i => i < 4 ? null : 40)] };
        Assert.Equal(ComplianceVerdict.Provisional, ComplianceCalculator.Report(input with { Now = End + Duration.FromHours(1) }).Verdict);
        var late = ComplianceCalculator.Report(input);
        Assert.Equal(("partly (75 %)", ReportStatus.Preliminary, 180m, 240m), (late.VerdictText, late.Status, late.CountedKwh, late.NominatedKwh));
        Assert.Equal([DataQuality.Missing, DataQuality.Metered], new[] { late.Rows[3].Quality, late.Rows[4].Quality });
        Assert.Null(late.Rows[0].DeliveredKw);
    }

    [Fact]
    public void Without_any_data_there_is_no_score()
    {
        var input = Input() with { Readings = [], Meter = [] };
        Assert.Equal(ComplianceVerdict.Provisional, ComplianceCalculator.Report(input with { Now = End }).Verdict);
        var late = ComplianceCalculator.Report(input);
        Assert.Equal((ComplianceVerdict.NoData, "noData", null, 0m), (late.Verdict, late.VerdictText, late.Score, late.DeliveredKwh));
        Assert.Equal(ComplianceVerdict.NoData, ComplianceCalculator.Report(Input() with { Baseline = [] }).Verdict);
    }

    [Fact]
    public void An_estimate_is_shown_and_counts_only_where_the_program_says_so()
    {
        var input = Input() with { Readings = [], Meter = [.. Meter(Start, End, 15, _ => 40, isEstimate: true)] };
        var strict = ComplianceCalculator.Report(input);
        Assert.Equal((60m, DataQuality.Estimated, ComplianceVerdict.NoData), (strict.Rows[0].DeliveredKw, strict.Rows[0].Quality, strict.Verdict));
        Assert.Equal((ComplianceVerdict.Met, ReportStatus.Final), GetResult(ComplianceCalculator.Report(input with { Terms = Terms with { EstimatesCount = true } })));
    }

    [Fact]
    public void A_meter_s_hour_that_reaches_beyond_the_event_was_not_measured_inside_it()
    {
        var input = Input(from: Start + Duration.FromMinutes(30), until: End - Duration.FromMinutes(30)) with { Readings = [], Meter = [.. Meter(Start, End, 60, _ => 40)] };
        var report = ComplianceCalculator.Report(input with { Terms = Terms with { IntervalMinutes = 60 } });
        Assert.Equal([DataQuality.Estimated, DataQuality.Metered, DataQuality.Metered, DataQuality.Estimated], report.Rows.Select(r => r.Quality));
        Assert.Equal([30, 60, 60, 30], report.Rows.Select(r => (int)(r.Until - r.From).TotalMinutes));
        Assert.Equal(0.666666m, report.Score);
    }

    [Fact]
    public void Cap_and_floor_hold_for_each_interval()
    {
        var input = Input() with { Meter = [.. Meter(Start, End, 15, i => i < 8 ? 10 : 130)] };
        Assert.Equal(0.75m, ComplianceCalculator.Report(input).Score);
        Assert.Equal(0.5m, ComplianceCalculator.Report(input with { Terms = Terms with { ScoreCap = 1 } }).Score);
        Assert.Equal(0.5m, ComplianceCalculator.Report(input with { Terms = Terms with { ScoreFloor = -1 } }).Score);
        Assert.Equal(120m, ComplianceCalculator.Report(input).DeliveredKwh);
    }

    [Fact]
    public void The_ramp_is_shown_and_does_not_count()
    {
        var report = ComplianceCalculator.Report(Input() with { Terms = Terms with { RampMinutes = 30 }, Meter = [.. Meter(Start, End, 15, i => i < 2 ? 100 : 40)] });
        Assert.Equal((ComplianceVerdict.Met, 210m), (report.Verdict, report.NominatedKwh));
        Assert.Equal([false, false, true], report.Rows.Take(3).Select(r => r.Counts));
    }

    [Fact]
    public void Who_opted_out_or_is_excused_is_not_judged()
    {
        var opted = ComplianceCalculator.Report(Input() with { Event = CreateEvent(Start, End, new SiteOpt(OptState.Out, OptSource.User, "ann", "mustRun")), Meter = [], Readings = [] });
        Assert.Equal((ComplianceVerdict.OptedOut, "optedOut", null), (opted.Verdict, opted.VerdictText, opted.Score));
        var excused = ComplianceCalculator.Report(Input() with { Excuse = new Excuse("gridOutage", "bob", End), Meter = [] });
        Assert.Equal((ComplianceVerdict.Excused, "excused (gridOutage)"), (excused.Verdict, excused.VerdictText));
        var e = CreateEvent(Start, End);
        Assert.Equal("excused (cancelled)", ComplianceCalculator.Report(Input() with { Event = e with { CancelledAt = Start - Duration.FromHours(1) } }).VerdictText);
    }

    [Fact]
    public void An_event_cut_short_is_judged_to_its_end()
    {
        var cut = ComplianceCalculator.Report(Input() with { Event = CreateEvent(Start, End) with { CancelledAt = Start + Duration.FromHours(1) } });
        Assert.Equal((ComplianceVerdict.Met, 60m, 4), (cut.Verdict, cut.NominatedKwh, cut.Rows.Count));
    }

    [Fact]
    public void A_firm_service_level_is_kept_or_not_in_each_interval()
    {
        var input = Input() with { Terms = Terms with { Measure = ComplianceMeasure.FirmServiceLevel, NominatedKw = null, FirmServiceLevelKw = 45 } };
        Assert.Equal("met", ComplianceCalculator.Report(input).VerdictText);
        Assert.Equal("partly (75 %)", ComplianceCalculator.Report(input with { Meter = [.. Meter(Start, End, 15, i => i < 4 ? 46 : 45)] }).VerdictText);
        Assert.Equal("missed", ComplianceCalculator.Report(input with { Meter = [.. Meter(Start, End, 15, _ => 46)] }).VerdictText);
        Assert.Equal(ComplianceVerdict.NoData, ComplianceCalculator.Report(input with { Terms = input.Terms with { FirmServiceLevelKw = null } }).Verdict);
    }

    [Fact]
    public void Without_a_nomination_there_is_nothing_to_score() =>
        Assert.Equal((ComplianceVerdict.NoData, null), (ComplianceCalculator.Report(Input() with { Terms = Terms with { NominatedKw = null } }) is var r ? r.Verdict : default, r.Score));

    [Fact]
    public void A_site_that_is_not_in_the_event_has_no_report() => Assert.Throws<ArgumentException>(() => ComplianceCalculator.Report(Input() with { SiteId = "site-9" }));

    [Theory]
    [InlineData("PGE-CBP", null, ComplianceMeasure.Reduction)]
    [InlineData("PGE-CBP", 40, ComplianceMeasure.FirmServiceLevel)]
    [InlineData("CSIP-AUS-SAPN", null, ComplianceMeasure.LimitKept)]
    public void Terms_follow_the_template(string code, int? firm, ComplianceMeasure measure)
    {
        var terms = ComplianceTerms.From(TemplateCatalog.Find(code)!, 60, firm, 30);
        Assert.Equal((code, measure, 30, 60m), (terms.ProgramCode, terms.Measure, terms.IntervalMinutes, terms.NominatedKw!.Value));
        Assert.Equal(60, ComplianceTerms.From(TemplateCatalog.Find(code)!, 60, firm, 1440).IntervalMinutes);
    }

    [Fact]
    public void A_baseline_comes_as_the_Tariffs_service_says_it()
    {
        var baseline = BaselineInterval.Create([Start, Start + Duration.FromMinutes(15)], 15, [100, 90], ["meter", "none"]);
        Assert.Equal([new BaselineInterval(Start, Start + Duration.FromMinutes(15), 100), new BaselineInterval(Start + Duration.FromMinutes(15), Start + Duration.FromMinutes(30), 90, DataQuality.Missing)], baseline);
        Assert.Equal([true, false], ComplianceCalculator.Report(Input() with { Baseline = baseline }).Rows.Take(2).Select(r => r.BaselineKw is not null));
        Assert.Throws<ArgumentException>(() => BaselineInterval.Create([Start], 15, [100, 90], ["meter"]));
    }

    private static (ComplianceVerdict, ReportStatus) GetResult(ComplianceReport report) => (report.Verdict, report.Status);
}
