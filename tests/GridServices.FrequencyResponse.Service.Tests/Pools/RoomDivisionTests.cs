using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

/// <summary>The pools of a site share its room, and never have more of it together than there is.</summary>
public sealed class RoomDivisionTests
{
    private static readonly EntryId One = new("default", "one");
    private static readonly EntryId Two = new("default", "two");

    [Fact]
    public void By_what_each_may_have_to_deliver()
    {
        Assert.Equal([6_000, 3_000, 0], RoomDivision.Divide((9_000, 9_000), [new RoomClaim(20_000, false), new RoomClaim(10_000, false), new RoomClaim(0, false)]));
        Assert.Equal([4_500, 4_500], RoomDivision.Divide((9_000, 9_000), [new RoomClaim(0, false), new RoomClaim(0, false)]));
        Assert.Equal([0, 0], RoomDivision.Divide((double.NaN, double.NaN), [new RoomClaim(1, false), new RoomClaim(1, true)]));
    }

    [Fact]
    public void A_pool_that_nobody_measures_counts_twice_and_what_is_sure_bounds_all()
    {
        // 3 + 2 × 3 = 9: whether the second follows or not, what the reading shows leaves as much again.
        Assert.Equal([3_000, 3_000], RoomDivision.Divide((9_000, 9_000), [new RoomClaim(5_000, false), new RoomClaim(5_000, true)]));
        Assert.Equal([1_000, 1_000], RoomDivision.Divide((2_000, 9_000), [new RoomClaim(5_000, false), new RoomClaim(5_000, true)]));
    }

    [Fact]
    public void A_pool_takes_what_the_others_gave_back()
    {
        var site = new SiteRoom();
        Assert.Equal((9_000, 0, false), Take(One, 9_000, 9_000));

        // The other came: until the first gives back there is nothing, and it is told that more is due.
        Assert.Equal((0, 0, true), Take(Two, 4_500, 9_000));
        Assert.Equal((4_500, 0, false), Take(One, 4_500, 9_000));
        Assert.Equal((4_500, 0, false), Take(Two, 4_500, 9_000));

        // The room shrinks: whoever is looked at first has what the other leaves of it.
        Assert.Equal((500, 0, true), Take(Two, 2_500, 5_000));
        Assert.Equal((2_500, 0, false), Take(One, 2_500, 5_000));
        Assert.Equal((2_500, 0, false), Take(Two, 2_500, 5_000));
        Assert.True(site.Keep(new HashSet<EntryId> { Two }));
        Assert.Equal((5_000, 0, false), Take(Two, 5_000, 5_000));
        site.Release(Two);
        Assert.False(site.Keep(new HashSet<EntryId> { Two }));

        (double, double, bool) Take(EntryId pool, double share, double most) => site.Take(pool, new RoomPart(share, most), default(RoomPart));
    }

    [Fact]
    public void Where_a_limit_comes_nobody_has_room_that_another_still_holds_without_one()
    {
        var site = new SiteRoom();
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity, false), site.Take(One, null, null));
        Assert.Equal((0, double.PositiveInfinity, true), site.Take(Two, new RoomPart(4_000, 8_000), null));
        Assert.Equal((4_000, double.PositiveInfinity, false), site.Take(One, new RoomPart(4_000, 8_000), null));
        Assert.Equal((4_000, double.PositiveInfinity, false), site.Take(Two, new RoomPart(4_000, 8_000), null));
    }
}
