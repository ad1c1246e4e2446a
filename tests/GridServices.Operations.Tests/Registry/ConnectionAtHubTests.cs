using GridServices.Contracts;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Registry;

public sealed class ConnectionAtHubTests
{
    private static readonly Instant Held = Sample.Now;

    [Theory]
    [InlineData(1, true)]
    [InlineData(3_600_000, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(-86_400_000, false)]
    public void A_word_is_later_than_the_hubs_where_its_id_bears_a_later_millisecond(int milliseconds, bool isLater)
    {
        var said = At(Held + Duration.FromMilliseconds(milliseconds));
        Assert.Equal(isLater ? 9 : null, ConnectionAtHub.FindEarlier(said, Hub(At(Held)), Held + Duration.FromDays(1))?.Revision);
    }

    [Fact]
    public void What_can_not_be_told_is_not_later()
    {
        var (later, now) = (At(Held + Duration.FromMinutes(1)), Held + Duration.FromDays(1));
        Assert.NotNull(ConnectionAtHub.FindEarlier(later, Hub(At(Held)), now));

        Assert.Null(ConnectionAtHub.FindEarlier(later, Hub(At(Held)) with { Incomplete = true }, now));
        Assert.Null(ConnectionAtHub.FindEarlier(later, Hub(At(Held)) with { Envelopes = [] }, now));
        Assert.Null(ConnectionAtHub.FindEarlier(later, Hub(Guid.NewGuid()), now));
        Assert.Null(ConnectionAtHub.FindEarlier(Guid.NewGuid(), Hub(At(Held)), now));
        Assert.Null(ConnectionAtHub.FindEarlier(later, Hub(At(Held)), Held));
    }

    [Fact]
    public void A_limit_that_was_published_and_is_not_at_the_hub_is_a_difference_unless_it_is_on_its_way()
    {
        var said = ConnectionEnvelope.Create(Sample.Site, At(Held), 3, Held)!;
        Assert.True(ConnectionAtHub.Differs(said.Default, 3, null, isOnItsWay: false));
        Assert.False(ConnectionAtHub.Differs(said.Default, 3, null, isOnItsWay: true));
        Assert.False(ConnectionAtHub.Differs(null, 3, null, isOnItsWay: false));
        Assert.False(ConnectionAtHub.Differs(said.Default, 3, said, isOnItsWay: false));
        Assert.True(ConnectionAtHub.Differs(null, 3, said, isOnItsWay: false));
        Assert.Equal("connection.noneAtHub", ConnectionAtHub.Action(said.Default, null).Code);
    }

    private static Guid At(Instant said) => Guid.CreateVersion7(said.ToDateTimeOffset());

    private static SiteEnvelopes Hub(Guid held) => new()
    {
        SiteId = Sample.Site.SiteId,
        Epoch = "e",
        Sequence = "1",
        AsOf = Held,
        Complete = true,
        Envelopes = [ConnectionEnvelope.Create(Sample.Site, held, 9, Held)!],
        Prices = [],
    };
}
