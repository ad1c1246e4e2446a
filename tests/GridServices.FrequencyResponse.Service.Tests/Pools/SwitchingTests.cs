using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class SwitchingTests
{
    [Fact]
    public void Going_on_and_off_is_noted_with_its_time_a_change_of_size_is_not()
    {
        var switching = new Switching(2);
        switching.Setpoints[1] = -500;
        Assert.True(switching.Note(1_000));
        Assert.Equal((0, 1_000), (switching.At(0), switching.At(1)));
        switching.Setpoints[1] = 700;
        Assert.False(switching.Note(2_000));
        Assert.Equal(1_000, switching.At(1));
        switching.Setpoints[1] = 0;
        Assert.True(switching.Note(3_000));
        Assert.Equal(3_000, switching.At(1));
    }

    [Fact]
    public void A_plan_is_made_again_for_another_version_and_after_ten_seconds()
    {
        var switching = new Switching(1);
        Assert.False(switching.IsFresh(1, 0));
        Assert.True(switching.IsFresh(1, 9_999_999_999));
        Assert.False(switching.IsFresh(1, 10_000_000_000));
        Assert.True(switching.IsFresh(1, 10_000_000_001));
        Assert.False(switching.IsFresh(2, 10_000_000_002));
    }
}
