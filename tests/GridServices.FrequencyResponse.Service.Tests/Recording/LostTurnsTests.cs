using GridServices.FrequencyResponse.Service.Recording;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class LostTurnsTests
{
    [Fact]
    public void Dropped_turns_and_those_behind_them_are_counted_once()
    {
        var lost = new LostTurns();
        Assert.False(lost.HasGap(0));
        Assert.True(lost.HasGap(3));
        lost.Skip();
        lost.Skip();
        Assert.Equal(5, lost.GetAndReset(3));
        Assert.False(lost.HasGap(3));
        Assert.Equal(0, lost.GetAndReset(3));
    }

    [Fact]
    public void The_last_ones_before_the_end_are_counted_too()
    {
        var lost = new LostTurns();
        Assert.Equal(0, lost.GetAndReset(0));
        Assert.Equal(4, lost.GetAndReset(4));
    }
}
