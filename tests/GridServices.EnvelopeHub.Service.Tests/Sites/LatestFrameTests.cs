using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Streaming;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Sites;

/// <summary>A statement made by a clock that was set back since begins in the future: who comes in gets another one.</summary>
public sealed class LatestFrameTests
{
    private static readonly TenantHistory History = new("e1", false, []);
    private readonly LatestFrame _frame = new(1, Frame.WithoutId("effective", 7, "{}"u8), Some.Evening, History);

    [Theory]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    [InlineData(-1, false)]
    [InlineData(-3600, false)]
    public void It_is_fresh_for_so_long_after_it_was_made_and_never_before(int seconds, bool fresh)
    {
        var now = Some.Evening + Duration.FromSeconds(seconds);
        Assert.Equal(fresh, _frame.IsFresh(7, History, now, Duration.FromMinutes(1)));
        Assert.Equal(!fresh, _frame.IsOlderThan(Duration.FromMinutes(1), now));
    }
}
