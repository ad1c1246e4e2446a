using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Tests.Performance;

public sealed class NordicTests
{
    private static readonly ServiceDefinition Normal = ServiceCatalog.BuiltIn.Find("NORDIC-FCR-N")!;
    private static readonly ServiceDefinition Upwards = ServiceCatalog.BuiltIn.Find("NORDIC-FCR-D-UP")!;

    [Fact]
    public void Step_sequence_is_that_of_the_test_programme()
    {
        foreach (var step in FrequencyData.Json("open/nordic_sequences.json").GetProperty("fcr_n_step").GetProperty("steps").EnumerateArray())
        {
            if (step[1].ValueKind == System.Text.Json.JsonValueKind.Number)
            {
                Assert.Equal(step[1].GetDouble(), NordicSequence.NormalStep.At(step[0].GetDouble()));
            }
            else
            {
                Assert.Equal(step[0].GetDouble(), NordicSequence.NormalStep.EndSeconds);
            }
        }
    }

    [Fact]
    public void Linearity_sequence_is_that_of_the_test_programme()
    {
        var known = FrequencyData.Json("open/nordic_sequences.json").GetProperty("fcr_n_linearity");
        var steps = known.Numbers("steps_hz");
        Assert.Equal(steps, Enumerable.Range(0, steps.Length).Select(i => NordicSequence.NormalLinearity.At(i * known.Double("hold_s"))));
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1.19, 0, true)]
    [InlineData(1.21, 0, false)]
    [InlineData(0.94, 0, false)]
    [InlineData(1, 0.4, true)]
    public void R1_holds_within_its_tolerance_whatever_the_baseline(double gain, double baseline, bool holds)
    {
        var response = Run(NordicSequence.NormalStep, Normal, gain, lag: 1, baseline);
        Assert.All(NordicChecks.NormalStep(response), v => Assert.Equal(holds, v.Holds));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1.2, false)]
    [InlineData(0.9, false)]
    public void Linearity_is_judged_at_every_step(double gain, bool holds)
    {
        var verdicts = NordicChecks.Linearity(Run(NordicSequence.NormalLinearity, Normal, gain, lag: 1, 0), Normal.Curve!);
        Assert.Equal(21, verdicts.Count);
        Assert.Equal(holds, verdicts.All(v => v.Holds));
    }

    [Theory]
    [InlineData(0.1, true)]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public void Fast_battery_passes_the_ramp_and_a_slow_one_does_not(double lag, bool holds)
    {
        var verdicts = NordicChecks.DisturbanceRamp(Run(NordicSequence.DisturbanceRamp(upwards: true), Upwards, 1, lag, 0));
        Assert.Equal(holds, verdicts.All(v => v.Holds));
    }

    [Fact]
    public void Staircase_of_fourteen_steps_stays_linear_enough_and_of_six_does_not()
    {
        Assert.True(Staircase(10));
        Assert.False(Staircase(3));

        static bool Staircase(int each) => NordicChecks.Linearity(
            Run(NordicSequence.NormalLinearity, Normal, 1, 0.1, 0, pu => Math.Round(pu * each) / each), Normal.Curve!).All(v => v.Holds);
    }

    [Fact]
    public void Deactivation_counts_the_energy_above_the_curve()
    {
        TimedValue[] hz = [.. Enumerable.Range(0, 901).Select(i => new TimedValue(i * 0.1, i < 100 ? 49.4 : Math.Min(50, 49.4 + ((i - 100) * 0.003))))];
        var curve = Upwards.Curve!;
        var faithful = NordicChecks.Deactivation(hz, [.. hz.Select(p => p with { Value = curve.Evaluate(p.Value) })], curve, 10);
        var stuck = NordicChecks.Deactivation(hz, [.. hz.Select(p => p with { Value = 1 })], curve, 10);
        Assert.True(faithful.Holds);
        Assert.False(stuck.Holds);
    }

    [Fact]
    public void Sine_has_the_period_asked_for()
    {
        var sine = NordicSequence.Sine(40, 50);
        Assert.Equal(50.1, sine.At(10), 1e-9);
        Assert.Equal(49.9, sine.At(70), 1e-9);
        Assert.Equal(200, sine.EndSeconds);
    }

    private static TimedValue[] Run(
        NordicSequence sequence, ServiceDefinition service, double gain, double lag, double baseline, Func<double, double>? step = null)
    {
        const double Dt = 0.1;
        var response = new TimedValue[(int)Math.Round(sequence.EndSeconds / Dt) + 1];
        var power = 0.0;
        for (var i = 0; i < response.Length; i++)
        {
            var target = service.Curve!.Evaluate(sequence.At(i * Dt));
            power += (((step?.Invoke(target) ?? target) * gain) - power) * Math.Min(1, Dt / lag);
            response[i] = new TimedValue(i * Dt, baseline + power);
        }

        return response;
    }
}
