using GridServices.Adapters.Contacts;
using GridServices.Adapters.Lines;
using NodaTime;

namespace GridServices.Adapters.Tests.Contacts;

public sealed class ContactBoxTests
{
    private static readonly ContactBox Box = new()
    {
        Quantity = Quantity.ProductionW,
        FullW = 10_000,
        Stages = [new(100, null), new(60, "k60"), new(30, "k30"), new(0, "k0")],
    };

    [Theory]
    [InlineData(null, 100)]
    [InlineData(10_001L, 100)]
    [InlineData(10_000L, 100)]
    [InlineData(9_999L, 60)]
    [InlineData(6_000L, 60)]
    [InlineData(5_999L, 30)]
    [InlineData(2_999L, 0)]
    [InlineData(0L, 0)]
    [InlineData(long.MaxValue, 100)]
    public void The_highest_stage_within_the_limit_is_on(long? limitW, int percent) => Assert.Equal(percent, Box.ChooseStage(limitW).Percent);

    // Two boxes of 10 kW behind one limit of 10 kW: half of it for each.
    [Theory]
    [InlineData(null, 100)]
    [InlineData(20_000L, 100)]
    [InlineData(19_999L, 60)]
    [InlineData(10_000L, 30)]
    [InlineData(5_999L, 0)]
    public void A_box_with_a_share_keeps_its_part_of_the_limit(long? siteW, int percent) => Assert.Equal(percent, (Box with { SharePercent = 50 }).ChooseStage(siteW).Percent);

    [Fact]
    public void The_relay_that_goes_on_is_told_first_and_the_others_are_off() =>
        Assert.Equal([("k30", "ON"), ("k60", "OFF"), ("k0", "OFF")], Box.Messages(3_500, Duration.FromSeconds(1)).Select(m => (m.Topic, m.Payload)));

    [Fact]
    public void Without_a_limit_no_relay_is_on() => Assert.All(Box.Messages(null, Duration.FromSeconds(1)), m => Assert.Equal("OFF", m.Payload));
}
