using GridServices.FrequencyResponse.Outages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Outages;

public sealed class DeclaredOutagesTests
{
    private const long Quantity = 10_000_000;
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly Duration Notice = Duration.FromMinutes(65);

    [Theory]
    [InlineData(-120, 0, 0)] // Declared two hours ahead: in time as a whole.
    [InlineData(-65, 0, 0)]
    [InlineData(-30, 0, 35)] // Half an hour ahead: the first 35 minutes are late.
    [InlineData(0, 0, 60)]
    [InlineData(-120, 4_000_000, 0)]
    [InlineData(0, 4_000_000, 60)]
    public void What_is_declared_with_less_than_its_notice_is_late_until_the_notice_is_over(int declaredMinutes, long left, int lateMinutes)
    {
        var effect = Over([Stretch(0, 60, left, declaredMinutes)], 0, 60);
        var share = 1 - ((double)left / Quantity);
        Assert.Equal((3_600 * share, lateMinutes * 60 * share, left), (effect.Seconds, effect.LateSeconds, effect.LeastW));
        Assert.Equal(left == 0 ? 3_600 : 0, effect.OutSeconds);
    }

    [Fact]
    public void Of_several_declarations_the_least_counts_and_only_what_is_more_than_was_declared_in_time_is_late()
    {
        // 4 of 10 MW left, declared in time; an outage of its second half hour, just now.
        var effect = Over([Stretch(0, 60, 4_000_000, -120), Stretch(30, 60, 0, 29)], 0, 60);
        Assert.Equal((1_800 * 0.6) + 1_800, effect.Seconds, 9);
        Assert.Equal(1_800 * 0.4, effect.LateSeconds, 9);
        Assert.Equal((1_800, 0L), (effect.OutSeconds, effect.LeastW));
    }

    [Fact]
    public void Only_sold_time_counts_and_without_declarations_everything_is_left()
    {
        Assert.Equal(new OutageEffect(0, 0, 0, Quantity), Over([], 0, 60));
        Assert.Equal(900, DeclaredOutages.Over([Stretch(0, 60, 0, -120)], Quantity, [At(-30, 10), At(55, 90)], Notice).OutSeconds);
        Assert.Equal([At(-30, 0), At(20, 30), At(60, 90)], DeclaredOutages.Left([Stretch(30, 60, 0, 0), Stretch(0, 20, 0, 0), Stretch(10, 90, 5, 0)], [At(-30, 90)]));
        Assert.Empty(DeclaredOutages.Left([Stretch(-60, 120, 0, 0)], [At(0, 30), At(40, 90)]));
    }

    [Fact]
    public void What_is_stated_again_keeps_its_notice_where_no_less_was_declared_before()
    {
        ValueList<OutageStretch> held = [Stretch(0, 60, 4_000_000, -120)];
        var now = Noon - Duration.FromMinutes(10);

        // Longer: what is new is new. More left: still declared then. Less left: declared now.
        Assert.Equal([Stretch(0, 60, 4_000_000, -120), Stretch(60, 90, 4_000_000, -10)], DeclaredOutages.Restate(held, At(0, 90), 4_000_000, now));
        Assert.Equal([Stretch(0, 60, 6_000_000, -120)], DeclaredOutages.Restate(held, At(0, 60), 6_000_000, now));
        Assert.Equal([Stretch(0, 60, 0, -10)], DeclaredOutages.Restate(held, At(0, 60), 0, now));
    }

    [Fact]
    public void What_is_left_changes_at_the_begin_and_at_the_end()
    {
        ValueList<OutageStretch> stretches = [Stretch(0, 60, 4_000_000, -120)];
        Assert.Equal([Quantity, 4_000_000, 4_000_000, Quantity], new[] { -1, 0, 59, 60 }.Select(m => DeclaredOutages.AvailableAt(stretches, Quantity, Noon + Duration.FromMinutes(m))));
        Assert.Equal(Noon + Duration.FromMinutes(60), DeclaredOutages.NextChange(stretches, Noon));
        Assert.Null(DeclaredOutages.NextChange(stretches, Noon + Duration.FromMinutes(60)));
    }

    [Fact]
    public void A_span_is_cut_where_what_is_left_changes_and_nowhere_else()
    {
        ValueList<OutageStretch> stretches = [Stretch(0, 60, 4_000_000, -120), Stretch(30, 90, 4_000_000, 10), Stretch(40, 50, 0, 0)];
        Assert.Equal(
            [(At(-30, 0), Quantity), (At(0, 40), 4_000_000), (At(40, 50), 0), (At(50, 90), 4_000_000), (At(90, 120), Quantity), (At(130, 140), Quantity)],
            DeclaredOutages.Steps(stretches, Quantity, [At(-30, 120), At(130, 140)]));
        Assert.Equal([(At(10, 20), 4_000_000L)], DeclaredOutages.Steps(stretches, Quantity, [At(10, 20)]));
    }

    [Fact]
    public void Within_an_outage_counts_what_is_left_after_it()
    {
        ValueList<OutageStretch> stretches = [Stretch(0, 60, 4_000_000, -120), Stretch(10, 30, 0, 0), Stretch(20, 40, 0, 0), Stretch(50, 70, 0, 0)];
        Assert.Equal(
            [Quantity, 4_000_000, 4_000_000, 4_000_000, Quantity],
            new[] { -1, 0, 15, 45, 55 }.Select(m => DeclaredOutages.NextAvailable(stretches, Quantity, Noon + Duration.FromMinutes(m))));
    }

    private static OutageEffect Over(IReadOnlyList<OutageStretch> stretches, int from, int until) => DeclaredOutages.Over(stretches, Quantity, [At(from, until)], Notice);

    private static OutageStretch Stretch(int from, int until, long left, int declared) =>
        new(Noon + Duration.FromMinutes(from), Noon + Duration.FromMinutes(until), left, Noon + Duration.FromMinutes(declared));

    private static Interval At(int from, int until) => new(Noon + Duration.FromMinutes(from), Noon + Duration.FromMinutes(until));
}
