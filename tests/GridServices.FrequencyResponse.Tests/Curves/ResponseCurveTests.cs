using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Tests.Curves;

public sealed class ResponseCurveTests
{
    private static readonly ResponseCurve Containment = ResponseCurve.Through(new Knot(49.5, 1), new Knot(49.8, 0.05), new Knot(49.985, 0), new Knot(50, 0));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void No_number_is_never_a_response(double hz) => Assert.True(double.IsNaN(Containment.Evaluate(hz)));

    [Fact]
    public void Trigger_responds_at_exactly_its_frequency()
    {
        Assert.Equal(1, ResponseCurve.TriggerLow(49.7).Evaluate(49.7));
        Assert.Equal(0, ResponseCurve.TriggerLow(49.7).Evaluate(Math.BitIncrement(49.7)));
        Assert.Equal(-1, ResponseCurve.TriggerHigh(50.3).Evaluate(50.3));
        Assert.Equal(0, ResponseCurve.TriggerHigh(50.3).Evaluate(Math.BitDecrement(50.3)));
    }

    [Fact]
    public void Jump_inside_a_curve_gives_the_larger_response()
    {
        var relay = ResponseCurve.Through(new Knot(49.5, 1), new Knot(49.6, 1), new Knot(49.6, 0.5), new Knot(49.8, 0.5), new Knot(49.8, 0));
        Assert.Equal(1, relay.Evaluate(49.6));
        Assert.Equal(0.5, relay.Evaluate(Math.BitIncrement(49.6)));
        Assert.Equal(0.5, relay.Evaluate(49.8));
    }

    [Fact]
    public void Sum_of_curves_is_the_curve_of_the_sum()
    {
        var moderation = ResponseCurve.Through(new Knot(49.8, 1), new Knot(49.9, 0.05), new Knot(49.985, 0), new Knot(50, 0));
        var droop = ResponseCurve.Droop(49.85, 50.15, 1.2, 1.3);
        var relay = ResponseCurve.TriggerLow(49.7);
        var sum = ResponseCurve.Sum([(Containment, 20), (moderation, 10), (droop, 3), (relay, 7)]);
        Prop.ForAll(Gen.Choose(48_500_000, 51_500_000).Select(i => i / 1e6).ToArbitrary(), hz =>
            Math.Abs(sum.Evaluate(hz) - ((20 * Containment.Evaluate(hz)) + (10 * moderation.Evaluate(hz)) + (3 * droop.Evaluate(hz)) + (7 * relay.Evaluate(hz)))) < 1e-9)
            .QuickCheckThrowOnFailure();
        Assert.Equal((20 * Containment.Evaluate(49.7)) + 10 + (3 * droop.Evaluate(49.7)) + 7, sum.Evaluate(49.7), 1e-9);
    }

    [Fact]
    public void Evaluation_allocates_nothing()
    {
        var sum = 0.0;
        Containment.Evaluate(49.7);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            sum += Containment.Evaluate(49.4 + (i * 0.0001));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);
    }

    [Fact]
    public void Corners_out_of_order_say_where()
    {
        Assert.Equal(1, CurveRules.Fault([new Knot(50, 0), new Knot(49.9, 1)])?.Index);
        Assert.Equal(2, CurveRules.Fault([new Knot(50, 0), new Knot(50, 1), new Knot(50, 2)])?.Index);
        Assert.Equal(0, CurveRules.Fault([new Knot(double.NaN, 0)])?.Index);
        Assert.Equal(-1, CurveRules.Fault([])?.Index);
        Assert.Throws<ArgumentException>(() => ResponseCurve.Through(new Knot(50, 0), new Knot(49.9, 1)));
    }

    [Fact]
    public void Dead_band_of_IEEE_1547_moves_nothing_whatever_is_available()
    {
        var droop = ResponseCurve.Droop(59.964, 60.036, 1 / 3.0, 1 / 3.0);
        Assert.Equal(0.66, new PreDisturbance(0.66, 0.5, 0).Evaluate(droop, 60));
        Assert.Equal(0.5, new PreDisturbance(0.66, 0.5, 0).Evaluate(droop, 59.9));
        Assert.Equal(0, new PreDisturbance(0.1, 1, 0).Evaluate(droop, 61));
        Assert.True(double.IsNaN(new PreDisturbance(0.66, 1, 0).Evaluate(droop, double.NaN)));
    }
}
