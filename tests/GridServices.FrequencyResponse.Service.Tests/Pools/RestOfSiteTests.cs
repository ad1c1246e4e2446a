using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class RestOfSiteTests
{
    private const long Second = 1_000_000_000;
    private const long Start = 1_000 * Second;
    private static readonly WattSpan Can = new(-30_000, 30_000);
    private readonly RestOfSite _rest = new();

    [Fact]
    public void What_was_told_since_a_reading_makes_no_room()
    {
        Told(0, 0);
        Assert.Equal(WattSpan.Exactly(2_000), Of(2_000, 0, own: 0));
        for (var (second, told) = (1, 7_000); second < 6; second++, told += 7_000)
        {
            Told(second, told);
            Assert.Equal(WattSpan.Exactly(2_000), Of(2_000, 0, own: 0, measured: second));
        }

        Assert.Equal(WattSpan.Exactly(2_000), Of(-5_000, 6, own: 7_000));
    }

    [Fact]
    public void An_asset_that_does_not_follow_makes_no_room_with_any_number_of_readings()
    {
        for (var second = 0; second < 6; second++)
        {
            Told(second, second == 0 ? 0 : 7_000);
            Assert.Equal(WattSpan.Exactly(2_000), Of(2_000, second, own: 0));
        }
    }

    [Fact]
    public void An_asset_that_nobody_measures_may_do_anything_that_it_can()
    {
        Told(0, 7_000);
        Assert.Equal(new WattSpan(-28_000, 32_000), _rest.Of(new SiteReading(2_000, Start), [new AssetPower(Can, null)]));

        // Nor is a minute old what the site's reading showed.
        Told(61, 7_000);
        Assert.Equal(new WattSpan(-28_000, 32_000), Of(2_000, 61, own: 7_000, measured: 0));
    }

    [Fact]
    public void Between_two_readings_it_may_have_moved_to_what_it_was_told()
    {
        Told(0, 0);
        Told(1, 0);
        Told(2, 7_000);

        // Measured a second before the site: it had done nothing, and may have done all of it by then.
        Assert.Equal(new WattSpan(2_000, 9_000), Of(2_000, 2, own: 0, measured: 1));

        // The asset's own reading of that moment comes later and says it.
        Assert.Equal(WattSpan.Exactly(9_000), Of(2_000, 2, own: 7_000));
    }

    [Fact]
    public void While_it_is_told_the_same_and_does_it_a_reading_of_another_second_is_as_good()
    {
        for (var second = 0; second < 30; second++)
        {
            Told(second, 7_000);
        }

        Assert.Equal(WattSpan.Exactly(2_000), Of(-5_000, 20, own: 7_000, measured: 15));
        Assert.Equal(WattSpan.Exactly(2_000), Of(-5_000, 21, own: 7_000, measured: 29));
    }

    [Fact]
    public void An_asset_measured_after_the_site_may_have_been_on_its_way()
    {
        for (var second = -20; second < 10; second++)
        {
            Told(second, second < 8 ? 0 : 7_000);
        }

        // The site was measured when it was told already and had done nothing yet.
        Assert.Equal(new WattSpan(2_000, 9_000), Of(2_000, 8, own: 7_000, measured: 9));
    }

    [Fact]
    public void What_was_told_before_anybody_kept_it_may_have_been_anything()
    {
        Told(5, 0);
        Assert.Equal(new WattSpan(2_000 - 30_000, 2_000 + 30_000), Of(2_000, 4, own: 0, measured: 3));
    }

    private void Told(int second, double watts) => _rest.Note(Start + (second * Second), WattSpan.Exactly(watts));

    private WattSpan Of(long net, int second, long own, int? measured = null) =>
        _rest.Of(new SiteReading(net, Start + (second * Second)), [new AssetPower(Can, (own, Start + ((measured ?? second) * Second)))]);
}
