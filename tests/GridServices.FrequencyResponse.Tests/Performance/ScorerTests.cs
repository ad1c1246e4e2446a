using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Tests.Performance;

public sealed class ScorerTests
{
    [Fact]
    public void Dynamic_containment_error_equals_the_reference()
    {
        foreach (var known in FrequencyData.Json("open/gb_dc_performance.json.gz").GetProperty("cases").EnumerateArray())
        {
            var service = ServiceCatalog.BuiltIn.Find(known.GetProperty("service").GetString()!)!;
            var scorer = new GbDynamicScorer(GbDynamicRule.For(service), service.Curve!);
            var (hz, megawatts, lower, upper) = (known.Numbers("f_hz"), known.Numbers("response_MW"), known.Numbers("lower_pu"), known.Numbers("upper_pu"));
            for (var i = 0; i < hz.Length; i++)
            {
                var bounds = scorer.Add(hz[i], megawatts[i] / known.Double("MW"));
                Assert.Equal(lower[i], bounds.LowerPu, 1e-6);
                Assert.Equal(upper[i], bounds.UpperPu, 1e-6);
            }

            Assert.Equal(known.Double("expected_error"), scorer.Error, known.Double("tol"));
        }
    }

    [Theory]
    [InlineData(0, 0.68)]
    [InlineData(0.10, 0.28)]
    [InlineData(0.15, 0.08)]
    [InlineData(0.20, 0)]
    [InlineData(0.70, 0)]
    [InlineData(0.80, 0.20)]
    [InlineData(1.0, 0.60)]
    public void Pure_delay_on_a_step_gives_the_measured_errors(double delay, double error)
    {
        Assert.Equal(error, StepError("GB-DCL", 49.6, delay), 0.03);
        Assert.Equal(error, StepError("GB-DCH", 50.4, delay), 0.03);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.03, 1)]
    [InlineData(0.05, 0.5)]
    [InlineData(0.07, 0)]
    [InlineData(1, 0)]
    public void Factor_falls_between_its_thresholds(double error, double factor) => Assert.Equal(factor, GbDynamicRule.Containment.GetFactor(error), 1e-12);

    [Fact]
    public void Thresholds_of_the_factor_are_configuration()
    {
        var catalog = CatalogOverrides.Apply(ServiceCatalog.BuiltIn, """{"GB-DCL":{"fullFactorError":0.02,"zeroFactorError":0.04}}"""u8.ToArray()).Value!;
        Assert.Equal(0.5, GbDynamicRule.For(catalog.Find("GB-DCL")!).GetFactor(0.03), 1e-9);
    }

    [Fact]
    public void Regulation_has_time_until_ten_seconds()
    {
        Assert.Equal(0, StepError("GB-DRL", 49.8, 1));
        Assert.True(StepError("GB-DRL", 49.8, 12) > 0.1);
    }

    [Fact]
    public void Energy_requirement_equals_the_example_of_the_service_terms()
    {
        foreach (var known in FrequencyData.Json("open/gb_soe_requirement.json").GetProperty("cases").EnumerateArray())
        {
            var requirement = new SoeRequirement(known.Double("rev_MWh") * 1e6);
            var required = new List<double> { requirement.RequiredWh / 1e6 };
            foreach (var delivered in known.Numbers("delivered_MWh"))
            {
                requirement.EndPeriod(delivered * 1e6);
                required.Add(requirement.RequiredWh / 1e6);
            }

            Assert.Equal(known.Numbers("requirement_MWh"), required.Take(8));
        }
    }

    [Fact]
    public void Energy_requirement_wins_back_a_fifth_per_period_at_most()
    {
        var requirement = new SoeRequirement(100);
        requirement.EndPeriod(50);
        var later = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            requirement.EndPeriod(0);
            later.Add(requirement.RequiredWh);
        }

        Assert.Equal([50, 50, 50, 70, 90, 100, 100, 100], later);
    }

    [Fact]
    public void Pjm_score_equals_the_reference()
    {
        foreach (var known in FrequencyData.Json("open/pjm_score.json.gz").GetProperty("cases").EnumerateArray())
        {
            var (signal, response, tolerance) = (known.Numbers("signal_pu"), known.Numbers("response_pu"), known.Double("tol"));
            var score = PjmScorer.Hour(signal, response);
            Assert.Equal(known.Double("accuracy"), score.Accuracy, tolerance);
            Assert.Equal(known.Double("delay"), score.Delay, tolerance);
            Assert.Equal(known.Double("precision"), score.Precision, tolerance);
            Assert.Equal(known.Double("score"), score.Score, tolerance);
            Assert.Equal(score.Precision, PjmScorer.Hour(signal, response, PjmScoreVersion.PrecisionOnly).Score);
        }
    }

    [Fact]
    public void Pjm_scores_silence_as_nothing_and_a_flat_signal_without_error_as_full_precision()
    {
        double[] signal = [.. Enumerable.Range(0, PjmScorer.Points).Select(i => Math.Sin(i / 7.0))];
        var silent = PjmScorer.Hour(signal, new double[PjmScorer.Points]);
        Assert.Equal(0, silent.Accuracy);

        // Five minutes that are quieter than the hour err by less than its mean: far below what is forfeited.
        Assert.InRange(silent.Precision, 0, 0.1);
        double[] steady = [.. signal.Select(s => Math.Sign(s) * 0.5)];
        Assert.Equal(0, PjmScorer.Hour(steady, new double[PjmScorer.Points]).Precision, 2);
        Assert.Equal(1, PjmScorer.Hour(new double[PjmScorer.Points], new double[PjmScorer.Points]).Precision);
        Assert.Throws<ArgumentOutOfRangeException>(() => PjmScorer.Hour(signal, new double[10]));
    }

    /// <summary>Eleven windows without an error, one the wrong way round: its error is twice the signal, and takes its own twelfth.</summary>
    [Fact]
    public void Five_minutes_that_went_wrong_take_no_more_than_their_own_part_of_the_precision()
    {
        double[] signal = [.. Enumerable.Range(0, PjmScorer.Points).Select(i => i % 2 == 0 ? 0.5 : -0.5)];
        double[] response = [.. signal.Select((s, i) => i is >= 60 and < 90 ? -s : s)];
        Assert.Equal(11 / 12.0, PjmScorer.Hour(signal, response).Precision, 12);
    }

    [Fact]
    public void Aemo_averages_equal_the_reference()
    {
        foreach (var known in FrequencyData.Json("open/aemo_r6.json").GetProperty("cases").EnumerateArray())
        {
            var measure = AemoContingency.Fast(Lagged(known.Double("gain_MW_per_Hz"), known.Double("deadband_Hz"), known.Double("T_s")));
            var tolerance = known.Double("tol");
            Assert.Equal(known.Double("avg_1_6"), measure.Early, tolerance);
            Assert.Equal(known.Double("avg_6_60"), measure.Late, tolerance);
            Assert.Equal(known.Double("peak"), measure.Peak, tolerance);
            Assert.Equal(known.Double("r6_offer"), measure.Offer, tolerance);
        }
    }

    private static double StepError(string id, double to, double delay)
    {
        var service = ServiceCatalog.BuiltIn.Find(id)!;
        var scorer = new GbDynamicScorer(GbDynamicRule.For(service), service.Curve!);
        for (var i = 0; i < 600; i++)
        {
            var t = i * 0.05;
            scorer.Add(t >= 5 ? to : 50, service.Curve!.Evaluate(t >= 5 + delay - 1e-9 ? to : 50));
        }

        return scorer.Error;
    }

    private static TimedValue[] Lagged(double gain, double deadband, double lag)
    {
        const double Step = 0.01;
        var response = new TimedValue[6001];
        var power = 0.0;
        for (var i = 0; i < response.Length; i++)
        {
            // The target of the middle of the step: second order, so that the step does not show in the average.
            var target = gain * Math.Max(0, 50 - AemoContingency.StandardRamp((lag == 0 ? i : i - 0.5) * Step) - deadband);
            power = lag == 0 ? target : power + ((target - power) * (1 - Math.Exp(-Step / lag)));
            response[i] = new TimedValue(i * Step, power);
        }

        return response;
    }
}
