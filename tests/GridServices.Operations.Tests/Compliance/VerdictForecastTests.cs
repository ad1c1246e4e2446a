using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Tests.Compliance;

public sealed class VerdictForecastTests
{
    private static readonly Instant Half = ComplianceCase.Start + Duration.FromHours(2);
    private static readonly EventSite Site = ComplianceCase.CreateEvent(ComplianceCase.Start, ComplianceCase.End).Sites[0] with { NominatedKw = 60 };

    [Fact]
    public void Half_an_event_kept_and_half_of_it_as_now_gives_the_share_of_both()
    {
        var report = ComplianceCalculator.Report(ComplianceCase.Input(now: Half));
        var basis = ForecastBasis.From(report, Site, ComplianceMeasure.Reduction);
        Assert.Equal((Half, 1m, 2m, 100m), (basis.At, basis.Score, basis.ScoredHours, basis.BaselineKw));

        Assert.Equal(new VerdictForecast(40, 60, 1, ComplianceVerdict.Met, null), VerdictForecast.Compute(basis, Site, ComplianceCase.End, 40, null));
        Assert.Equal(new VerdictForecast(40, 30, 0.75m, ComplianceVerdict.Partly, null), VerdictForecast.Compute(basis, Site, ComplianceCase.End, 70, null));

        // Load above the baseline earns nothing, and takes nothing from what was delivered.
        Assert.Equal(new VerdictForecast(40, -20, 0.5m, ComplianceVerdict.Partly, null), VerdictForecast.Compute(basis, Site, ComplianceCase.End, 120, null));
        Assert.Equal(ComplianceVerdict.Missed, VerdictForecast.Compute(basis with { Score = 0 }, Site, ComplianceCase.End, 120, null).Verdict);

        // Without an end what was so far counts alone.
        Assert.Equal(1, VerdictForecast.Compute(basis, Site, null, 120, null).Score);
    }

    [Fact]
    public void What_is_not_known_forecasts_nothing_and_says_why()
    {
        var basis = new ForecastBasis { At = Half, Measure = ComplianceMeasure.Reduction, Score = 1, ScoredHours = 2, BaselineKw = 100, NominatedKw = 60 };
        Assert.Equal(new VerdictForecast(null, null, null, null, ForecastGap.NoReport), VerdictForecast.Compute(null, Site, ComplianceCase.End, 40, 50));
        Assert.Equal(new VerdictForecast(40, null, null, null, ForecastGap.NoPower), VerdictForecast.Compute(basis, Site, ComplianceCase.End, null, null));
        Assert.Equal(ForecastGap.NoBaseline, VerdictForecast.Compute(basis with { BaselineKw = null }, Site, ComplianceCase.End, 40, null).Gap);
        Assert.Equal(new VerdictForecast(null, 60, null, null, ForecastGap.NothingNominated), VerdictForecast.Compute(basis with { NominatedKw = null }, Site, ComplianceCase.End, 40, null));
        Assert.Equal(ForecastGap.NoLimit, VerdictForecast.Compute(basis with { Measure = ComplianceMeasure.LimitKept }, Site, ComplianceCase.End, 40, null).Gap);
        Assert.Equal(ForecastGap.NothingNominated, VerdictForecast.Compute(basis with { Measure = ComplianceMeasure.FirmServiceLevel }, Site, ComplianceCase.End, 40, null).Gap);
        Assert.Equal(ComplianceVerdict.OptedOut, VerdictForecast.Compute(null, Site with { Opt = new SiteOpt(OptState.Out, OptSource.User) }, ComplianceCase.End, null, null).Verdict);
    }

    [Theory]
    [InlineData(ComplianceMeasure.Reduction)]
    [InlineData(ComplianceMeasure.FirmServiceLevel)]
    [InlineData(ComplianceMeasure.LimitKept)]
    public void What_was_not_measured_so_far_counts_as_nothing_as_it_does_in_the_report(ComplianceMeasure measure)
    {
        // Two hours of four have passed and nothing was measured; from now on all is kept.
        var basis = new ForecastBasis { At = Half, Measure = measure, Score = null, ScoredHours = 2, BaselineKw = 100, NominatedKw = 60 };
        var forecast = VerdictForecast.Compute(basis, Site with { FirmServiceLevelKw = 50 }, ComplianceCase.End, 40, 50);
        Assert.Equal((0.5m, ComplianceVerdict.Partly), (forecast.Score, forecast.Verdict));
        Assert.Equal(1, VerdictForecast.Compute(basis with { ScoredHours = 0 }, Site with { FirmServiceLevelKw = 50 }, ComplianceCase.End, 40, 50).Score);
    }

    [Fact]
    public void Hours_of_a_limit_that_nobody_measured_are_hours_all_the_same()
    {
        var input = ComplianceCase.Input(now: Half) with { Terms = ComplianceCase.Terms with { Measure = ComplianceMeasure.LimitKept } };
        var report = ComplianceCalculator.Report(input);
        var unmeasured = report with { Score = 0.5m, Limit = report.Limit with { UnknownSeconds = report.Limit.WindowSeconds / 2 } };
        Assert.Equal(2, ForecastBasis.From(unmeasured, Site, ComplianceMeasure.LimitKept).ScoredHours);
    }

    [Theory]
    [InlineData(49, "1", ComplianceVerdict.Met)]
    [InlineData(51, "0.5", ComplianceVerdict.Partly)]
    public void A_level_or_a_limit_is_kept_or_not_at_each_moment(int powerKw, string share, ComplianceVerdict verdict)
    {
        var score = decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture);
        var kept = new ForecastBasis { At = Half, Measure = ComplianceMeasure.LimitKept, Score = 1, ScoredHours = 2 };
        Assert.Equal(new VerdictForecast(50, null, score, verdict, null), VerdictForecast.Compute(kept, Site, ComplianceCase.End, powerKw, 50));
        Assert.Equal(new VerdictForecast(50, null, score, verdict, null), VerdictForecast.Compute(kept with { Measure = ComplianceMeasure.FirmServiceLevel }, Site with { FirmServiceLevelKw = 50 }, ComplianceCase.End, powerKw, null));
        var limit = ForecastBasis.From(ComplianceCalculator.Report(ComplianceCase.Input(now: Half) with { Terms = ComplianceCase.Terms with { Measure = ComplianceMeasure.LimitKept } }), Site, ComplianceMeasure.LimitKept);
        Assert.Equal((1m, 2m), (limit.Score, limit.ScoredHours));
    }
}
