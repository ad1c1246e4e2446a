using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.Hosting.Tests.Relay;

public sealed class WaitingRuleTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void What_waits_for_the_utility_stays_however_long_until_it_was_heard()
    {
        var row = Row(WaitReason.Hearing);
        Assert.Equal(WaitingVerdict.Stay, WaitingRule.Decide(row, "the VTN was not heard", 0, Now + Duration.FromDays(30)));
        Assert.Equal(WaitingVerdict.Again, WaitingRule.Decide(row, null, 0, Now));
    }

    [Fact]
    public void A_newer_word_takes_its_place_once_the_utility_was_heard()
    {
        var row = Row(WaitReason.Hearing) with { Latest = 2 };
        Assert.Equal(WaitingVerdict.Stay, WaitingRule.Decide(row, "the VTN was not heard", 0, Now));
        Assert.Equal(WaitingVerdict.Over, WaitingRule.Decide(row, null, 0, Now));
    }

    [Fact]
    public void A_raise_that_was_given_up_is_tried_again_after_a_minute_and_then_less_and_less_often()
    {
        var row = Row(WaitReason.Quiet);
        Assert.Equal(WaitingVerdict.Stay, WaitingRule.Decide(row, null, 0, Now + Duration.FromSeconds(59)));
        Assert.Equal(WaitingVerdict.Again, WaitingRule.Decide(row, null, 0, Now + Duration.FromMinutes(1)));
        Assert.Equal(WaitingVerdict.Stay, WaitingRule.Decide(row, null, 1, Now + Duration.FromMinutes(1)));
        Assert.Equal([1, 2, 4, 8, 16, 16], Enumerable.Range(0, 6).Select(tried => (int)WaitingRule.PauseAfter(tried).TotalMinutes));
        Assert.Equal(WaitingVerdict.Over, WaitingRule.Decide(row with { Latest = 2 }, null, 0, Now));
    }

    [Fact]
    public void What_was_struck_meanwhile_is_over() =>
        Assert.Equal(WaitingVerdict.Over, WaitingRule.Decide(Row(WaitReason.Hearing) with { Latest = null }, "the VTN was not heard", 0, Now));

    [Fact]
    public void A_stream_is_read_from_its_key()
    {
        Assert.True(SpokenStream.TryParse("default|site-1|evseGroup|east|openadr|PROG7", isFresh: true, out var limits));
        Assert.Equal(("default", "site-1", "openadr", "PROG7", true), (limits.Tenant, limits.SiteId, limits.Stream.Service, limits.Stream.Key, limits.IsFresh));
        Assert.True(SpokenStream.TryParse("default|site-1|prices|ieee2030-5|T1", isFresh: false, out var prices));
        Assert.Equal(("site-1", "ieee2030-5", "T1"), (prices.SiteId, prices.Stream.Service, prices.Stream.Key));
        Assert.False(SpokenStream.TryParse("key", isFresh: false, out _));
    }

    private static WaitingRow Row(WaitReason reason) => new() { Id = 1, Stream = "key", Revision = 1, Latest = 1, Waits = (long)reason, ParkedAt = Now };
}
