using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class OutageEdgeTests
{
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);

    [Fact]
    public void An_edge_that_could_not_be_followed_stays_due_until_it_can()
    {
        var edge = new OutageEdge();
        var entries = Entries.None.With(new EntryId("default", "c1"), Outage.State("o1", null, new Interval(Noon + Duration.FromHours(1), Noon + Duration.FromHours(2)), 0, "cooling", Noon));
        edge.Follow(entries, Noon, () => true);
        Assert.Equal([false, true], [edge.IsDue(Noon + Duration.FromMinutes(59)), edge.IsDue(Noon + Duration.FromHours(1))]);

        Assert.Throws<InvalidOperationException>(() => edge.Follow(entries, Noon + Duration.FromHours(1), () => throw new InvalidOperationException("no pool")));
        Assert.True(edge.IsDue(Noon + Duration.FromHours(1)));
        edge.Follow(entries, Noon + Duration.FromHours(1), () => false);
        Assert.True(edge.IsDue(Noon + Duration.FromHours(1)));

        edge.Follow(entries, Noon + Duration.FromHours(1), () => true);
        Assert.Equal([false, true], [edge.IsDue(Noon + Duration.FromMinutes(119)), edge.IsDue(Noon + Duration.FromHours(2))]);
        edge.Follow(entries, Noon + Duration.FromHours(2), () => true);
        Assert.False(edge.IsDue(Noon + Duration.FromDays(9)));
    }
}
