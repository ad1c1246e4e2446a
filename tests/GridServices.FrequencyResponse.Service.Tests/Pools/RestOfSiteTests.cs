using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class RestOfSiteTests
{
    private const long Second = 1_000_000_000;
    private const long Start = 1_000 * Second;
    private static readonly WattSpan Can = new(-30_000, 30_000);
    private static readonly WattSpan Half = new(-15_000, 15_000);
    private readonly RestOfSite _rest = new();
    private readonly SiteRoom _site = new();

    [Fact]
    public void What_was_told_since_a_reading_makes_no_room()
    {
        Told(0, 0);
        Assert.Equal(WattSpan.Exactly(2_000), EstimateW(2_000, 0, own: 0));
        for (var (second, told) = (1, 7_000); second < 6; second++, told += 7_000)
        {
            Told(second, told);
            Assert.Equal(WattSpan.Exactly(2_000), EstimateW(2_000, 0, own: 0, measured: second));
        }

        Assert.Equal(WattSpan.Exactly(2_000), EstimateW(-5_000, 6, own: 7_000));
    }

    [Fact]
    public void An_asset_that_does_not_follow_makes_no_room_with_any_number_of_readings()
    {
        for (var second = 0; second < 6; second++)
        {
            Told(second, second == 0 ? 0 : 7_000);
            Assert.Equal(WattSpan.Exactly(2_000), EstimateW(2_000, second, own: 0));
        }
    }

    [Fact]
    public void An_asset_that_nobody_measures_may_do_anything_that_it_can()
    {
        Told(0, 7_000);
        Assert.Equal(new RestPower(new WattSpan(-28_000, 32_000)), Estimate(new SiteReading(2_000, Start), new AssetPower(Half, null), new AssetPower(Half, null)));

        // Nor is a minute old what the site's reading showed.
        Told(61, 7_000);
        Assert.Equal(new WattSpan(-28_000, 32_000), EstimateW(2_000, 61, own: 7_000, measured: 0));
    }

    [Fact]
    public void Between_two_readings_it_may_have_moved_to_what_it_was_told()
    {
        Told(0, 0);
        Told(1, 0);
        Told(2, 7_000);

        // Measured a second before the site: it had done nothing, and may have done all of it by then.
        Assert.Equal(new WattSpan(2_000, 9_000), EstimateW(2_000, 2, own: 0, measured: 1));

        // The asset's own reading of that moment comes later and says it.
        Assert.Equal(WattSpan.Exactly(9_000), EstimateW(2_000, 2, own: 7_000));
    }

    [Fact]
    public void While_it_is_told_the_same_and_does_it_a_reading_of_another_second_is_as_good()
    {
        for (var second = 0; second < 30; second++)
        {
            Told(second, 7_000);
        }

        Assert.Equal(WattSpan.Exactly(2_000), EstimateW(-5_000, 20, own: 7_000, measured: 15));
        Assert.Equal(WattSpan.Exactly(2_000), EstimateW(-5_000, 21, own: 7_000, measured: 29));
    }

    [Fact]
    public void An_asset_measured_after_the_site_may_have_been_on_its_way()
    {
        for (var second = -20; second < 10; second++)
        {
            Told(second, second < 8 ? 0 : 7_000);
        }

        // The site was measured when it was told already and had done nothing yet.
        Assert.Equal(new WattSpan(2_000, 9_000), EstimateW(2_000, 8, own: 7_000, measured: 9));
    }

    [Fact]
    public void What_was_told_before_anybody_kept_it_may_have_been_anything()
    {
        Told(5, 0);
        Assert.Equal(new WattSpan(2_000 - 30_000, 2_000 + 30_000), EstimateW(2_000, 4, own: 0, measured: 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30)]
    public void The_only_battery_which_nobody_measures_has_half_of_the_room_and_keeps_it(int every)
    {
        var (told, way, room) = (0d, new Queue<double>([0, 0]), new List<double>());
        for (var second = 0; second <= 600; second++)
        {
            Told(second, told);
            way.Enqueue(told);
            var own = way.Dequeue();
            Assert.True(own - 2_000 <= 5_000, $"{own} at {second}");
            if (second >= 10 && second % every == 0)
            {
                told = CeilingW(Alone((long)(2_000 - own), second), 5_000);
                room.Add(told);
            }
        }

        Assert.All(room, w => Assert.Equal(3_500, w));
    }

    [Fact]
    public void Under_an_import_limit_too()
    {
        var (told, room) = (0d, new List<double>());
        for (var second = 0; second <= 100; second++)
        {
            var own = told;
            Told(second, told);
            if (second >= 10)
            {
                told = -RoomDivision.Divide(Alone((long)(2_000 - own), second).Floor(9_000), [new RoomClaim(1, IsUnseen: true)])[0];
                room.Add(told);
            }
        }

        Assert.All(room, w => Assert.Equal(-3_500, w));
    }

    [Fact]
    public void The_limit_is_kept_where_it_does_not_follow_and_begins_to_when_the_rest_of_the_site_feeds_in()
    {
        var told = 0d;
        for (var second = 0; second <= 300; second++)
        {
            Told(second, told);
            var (own, rest) = (second < 200 ? 0 : told, second < 100 ? 2_000 : -4_900);
            Assert.True(own - rest <= 5_000, $"{own} at {second}");
            told = second >= 10 && second % 10 == 0 ? CeilingW(Alone((long)(rest - own), second), 5_000) : told;
        }

        Assert.Equal(50, told, 0.001);
    }

    [Fact]
    public void The_only_battery_may_do_anything_once_it_fell_silent_or_was_taken_out_of_our_hands_or_before_it_was_told()
    {
        var wide = new RestPower(new WattSpan(-28_000, 32_000));
        Assert.Equal(wide, Alone(2_000, 0));
        for (var second = 0; second <= 100; second++)
        {
            Told(second, 0);
        }

        Assert.Equal(new RestPower(WattSpan.Exactly(2_000), 2_000), Alone(2_000, 90));
        Assert.Equal(wide.W, EstimateW(2_000, 91, own: 0, measured: 0));
        Assert.Equal(wide, Estimate(At(2_000, 92), new AssetPower(Can, null, Overridden: true)));
    }

    [Fact]
    public void Once_the_only_battery_is_measured_it_has_all_of_the_room()
    {
        for (var second = 0; second <= 20; second++)
        {
            Told(second, 0);
        }

        Assert.Equal(3_500, CeilingW(Alone(2_000, 20), 5_000));
        Assert.Equal(7_000, CeilingW(Estimate(At(2_000, 20), new AssetPower(Can, (0, Start + (20 * Second)))), 5_000));
    }

    [Fact]
    public void What_it_was_told_is_known_for_as_long_as_readings_count()
    {
        for (var second = -1; second <= 150; second++)
        {
            Told(second, 0);
        }

        Assert.Equal(WattSpan.Exactly(2_000), EstimateW(2_000, 60, own: 0, measured: 0));
    }

    /// <summary>Two at +7 kW and one at -3: any of them may do its part alone, or not.</summary>
    [Fact]
    public void Several_that_were_never_measured_may_each_do_what_it_was_told_or_not()
    {
        for (var second = 0; second <= 20; second++)
        {
            _rest.Note(Start + (second * Second), ToldPower.Create(11_000, [7_000, 7_000, -3_000], [true, true, true]));
        }

        AssetPower[] assets = [new(Can, null), new(Can, null), new(Can, null)];
        var rest = Estimate(At(2_000, 20), assets);
        Assert.Equal((new WattSpan(-1_000, 16_000), 7_500), (rest.W, rest.LikelyW));

        // One is measured at that moment, one fell silent: that one may do anything.
        rest = Estimate(At(2_000, 19), new AssetPower(Can, (5_000, Start + (19 * Second))), new AssetPower(Can, null), new AssetPower(Half, (0, Start - (60 * Second))));
        Assert.Equal(new WattSpan(2_000 + 5_000 - 15_000 - 3_000, 2_000 + 5_000 + 15_000 + 14_000), rest.W);
    }

    [Fact]
    public void An_asset_that_is_measured_for_the_first_time_leaves_what_was_told_before_unknown()
    {
        Assert.True(_rest.Watch([true, true]));
        for (var second = 0; second <= 20; second++)
        {
            _rest.Note(Start + (second * Second), ToldPower.Create(4_000, [3_000, 1_000], [true, true]));
        }

        Assert.False(_rest.Watch([true, true]));
        Assert.Equal(new WattSpan(2_000, 6_000), Estimate(At(2_000, 20), new AssetPower(Half, null), new AssetPower(Half, null)).W);
        Assert.True(_rest.Watch([false, true]));
        Assert.Equal(new WattSpan(2_000 + 3_000 - 15_000, 2_000 + 3_000 + 15_000), Estimate(At(2_000, 20), new AssetPower(Half, (3_000, Start + (20 * Second))), new AssetPower(Half, null)).W);
    }

    private static double CeilingW(RestPower rest, double exportLimitW) => RoomDivision.Divide(rest.Ceiling(exportLimitW), [new RoomClaim(1, rest.LikelyW is not null)])[0];

    private RestPower Estimate(SiteReading reading, params AssetPower[] assets) => _site.Estimate(reading, [_rest.Estimate(reading, () => assets)]);

    private RestPower Alone(long net, int second) => Estimate(At(net, second), new AssetPower(Can, null));

    private static SiteReading At(long net, int second) => new(net, Start + (second * Second));

    private void Told(int second, double watts) => _rest.Note(Start + (second * Second), new ToldPower(WattSpan.Exactly(watts), WattSpan.Exactly(watts)));

    private WattSpan EstimateW(long net, int second, long own, int? measured = null) =>
        Estimate(At(net, second), new AssetPower(Can, (own, Start + ((measured ?? second) * Second)))).W;
}
