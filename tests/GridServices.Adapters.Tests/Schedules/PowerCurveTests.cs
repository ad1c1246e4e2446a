using GridServices.Adapters.Schedules;
using NodaTime;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Schedules;

public sealed class PowerCurveTests
{
    private static readonly PowerCurve Curve = CreateCurve((0, 5), (10, 1), (20, 9), (21, 4));

    [Fact]
    public void Each_point_holds_until_the_next_the_first_before_and_the_last_for_ever() =>
        Assert.Equal([5, 5, 1, 9, 4, 4], new[] { -100, 0, 10, 20, 21, 10_000 }.Select(s => Curve.At(At(s))));

    [Fact]
    public void Widened_begins_earlier_and_ends_later_where_it_is_high() =>
        Assert.Equal([(-2, 5), (12, 1), (18, 9), (23, 4)], Seconds(Curve.Widened(Duration.FromSeconds(2))));

    [Fact]
    public void Shortened_is_nowhere_more()
    {
        Assert.Equal([(0, 5), (10, 1), (20, 4)], Seconds(Curve.Shortened(3)));
        Assert.Equal([(0, 5), (10, 1), (20, 9), (21, 4)], Seconds(Curve.Shortened(4)));
        Assert.Equal([(0, 1)], Seconds(Curve.Shortened(1)));
    }

    [Fact]
    public void What_is_over_makes_no_difference()
    {
        Assert.True(Curve.IsEquivalentTo(CreateCurve((15, 1), (20, 9), (21, 4)), At(15)));
        Assert.False(Curve.IsEquivalentTo(CreateCurve((15, 1), (20, 9), (21, 4)), At(5)));
        Assert.False(Curve.IsEquivalentTo(null, At(5)));
    }

    private static Instant At(int seconds) => Now + Duration.FromSeconds(seconds);

    private static PowerCurve CreateCurve(params (int At, long Watts)[] points) => PowerCurve.Create(points.Select(p => At(p.At)), at => points.Single(p => At(p.At) == at).Watts);

    private static IEnumerable<(int, long)> Seconds(PowerCurve curve) => curve.Points.Select(p => ((int)(p.From - Now).TotalSeconds, p.Watts));

    [Fact]
    public void Who_was_told_the_same_from_now_on_needs_a_new_word_where_a_slow_clock_still_allows_more()
    {
        var (begin, second) = (NodaTime.Instant.FromUtc(2027, 1, 15, 18, 0), NodaTime.Duration.FromSeconds(1));
        var falls = PowerCurve.Create([begin, begin + second], at => at == begin ? 9 : 1);
        var rises = PowerCurve.Create([begin, begin + second], at => at == begin ? 1 : 9);
        Assert.Equal((false, true, true), (Done(falls, 1, 2), Done(falls, 1, 3), Done(rises, 9, 2)));
        Assert.False(PowerCurve.Constant(begin, 1).IsDoneBy(null, begin, second));

        bool Done(PowerCurve curve, long watts, int seconds) => PowerCurve.Constant(begin + (second * seconds), watts).IsDoneBy(curve, begin + (second * seconds), second * 2);
    }
}
