using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Compliance;

/// <summary>"Limit respected throughout": yes only where power and limits are known for the whole window.</summary>
public sealed class LimitTests
{
    [Fact]
    public void Seconds_and_energy_above_the_limit_are_told()
    {
        var limit = Report(Input() with { Readings = [.. Readings(Start, End, 60, i => i is >= 10 and < 13 ? 62_000 : 40_000)] });
        Assert.Equal(new LimitVerdict(LimitAnswer.No, 180, 600, 0, 14_400, true), limit);
    }

    [Fact]
    public void A_gap_in_telemetry_is_unknown_even_where_the_meter_s_mean_is_below()
    {
        var limit = Report(Input() with { Readings = [.. Readings(Start, End, 60, i => i is >= 10 and < 20 ? null : 40_000)] });
        Assert.Equal((LimitAnswer.Unknown, 360m), (limit.Respected, limit.UnknownSeconds));
    }

    [Fact]
    public void A_metered_mean_above_the_limit_is_an_excess_whatever_telemetry_says()
    {
        var input = Input() with { Meter = [.. Meter(Start, End, 15, i => i == 2 ? 60 : 40)] };
        Assert.Equal(new LimitVerdict(LimitAnswer.No, 900, 2_500, 0, 14_400, true), Report(input));
        Assert.Equal([0m, 0, 2.5m, 0], ComplianceCalculator.Report(input).Rows.Take(4).Select(r => r.OverLimitKwh!.Value));
        Assert.Equal(LimitAnswer.Yes, Report(input with { Meter = [.. Meter(Start, End, 15, i => i == 2 ? 60 : 40, isEstimate: true)] }).Respected);
    }

    [Fact]
    public void A_metered_hour_above_the_limit_counts_though_no_row_holds_it() =>
        Assert.Equal((LimitAnswer.No, 10_000m), Report(Input() with { Meter = [.. Meter(Start, End, 60, i => i == 1 ? 60 : 40)] }) is var l ? (l.Respected, l.OverWh) : default);

    [Fact]
    public void Limits_that_nobody_recorded_are_unknown_and_never_kept()
    {
        var half = Start + Duration.FromHours(2);
        var limit = Report(Input() with { Limits = [new LimitStep(Start, half, true, 50_000), LimitStep.Unknown(half, End)] });
        Assert.Equal((LimitAnswer.Unknown, 7_200m), (limit.Respected, limit.UnknownSeconds));
        Assert.Equal((LimitAnswer.Unknown, 14_400m, false), Report(Input() with { Limits = [] }) is var none ? (none.Respected, none.UnknownSeconds, none.IsStated) : default);
        Assert.Equal([true, false], ComplianceCalculator.Report(Input() with { Limits = [new LimitStep(Start, half, true, 50_000)] }).Rows.Where((_, i) => i is 7 or 8).Select(r => r.LimitKnown));
    }

    [Fact]
    public void Where_no_limit_was_stated_there_was_none_to_keep()
    {
        var limit = Report(Input() with { Limits = [new LimitStep(Start, End, true)] });
        Assert.Equal((LimitAnswer.Unknown, 0m, false), (limit.Respected, limit.UnknownSeconds, limit.IsStated));
    }

    [Fact]
    public void Feeding_in_above_the_export_limit_is_an_excess() =>
        Assert.Equal((LimitAnswer.No, 20_000m), Report(Input() with { Limits = [new LimitStep(Start, End, true, 50_000, 10_000)], Readings = [.. Readings(Start, End, 60, _ => -15_000)] }) is var l ? (l.Respected, l.OverWh) : default);

    [Fact]
    public void The_accuracy_of_the_meter_is_not_held_against_the_site()
    {
        var input = Input() with { Readings = [.. Readings(Start, End, 60, _ => 50_400)] };
        Assert.Equal(LimitAnswer.No, Report(input).Respected);
        Assert.Equal(LimitAnswer.Yes, Report(input with { Terms = Terms with { ToleranceW = 500 } }).Respected);
    }

    [Fact]
    public void Readings_of_assets_say_nothing_about_the_site() =>
        Assert.Equal(LimitAnswer.Unknown, Report(Input() with { Readings = [.. Readings(Start, End, 60, _ => 40_000).Select(r => r with { AssetId = "ess" })] }).Respected);

    [Theory]
    [InlineData(40_000, "met")]
    [InlineData(60_000, "missed")]
    public void A_program_of_limits_alone_is_judged_by_them(long watts, string verdict)
    {
        var input = Input() with { Terms = Terms with { Measure = ComplianceMeasure.LimitKept, NominatedKw = null }, Readings = [.. Readings(Start, End, 60, _ => watts)], Meter = [] };
        Assert.Equal((verdict, ReportStatus.Final), ComplianceCalculator.Report(input) is var r ? (r.VerdictText, r.Status) : default);
        Assert.Equal(ComplianceVerdict.NoData, ComplianceCalculator.Report(input with { Readings = [] }).Verdict);
        Assert.Equal("partly (97 %)", ComplianceCalculator.Report(input with { Readings = [.. Readings(Start, End, 60, i => i < 6 ? 60_000 : 40_000)] }).VerdictText);
    }

    [Fact]
    public void A_limit_is_not_finally_kept_while_the_meter_could_not_be_asked()
    {
        var input = Input() with { Terms = Terms with { Measure = ComplianceMeasure.LimitKept, NominatedKw = null, DataFinalityDays = null }, Readings = [.. Readings(Start, End, 60, _ => 40_000)], Meter = [] };
        Assert.Equal(ReportStatus.Final, ComplianceCalculator.Report(input).Status);
        Assert.Equal(ReportStatus.Preliminary, ComplianceCalculator.Report(input with { IsMeterUnknown = true }).Status);
    }

    private static LimitVerdict Report(ComplianceInput input) => ComplianceCalculator.Report(input).Limit;
}
