using GridServices.OpenAdr.Service.Push;
using GridServices.UtilityClients.Engine;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>Which pushes wait for their answer.</summary>
public sealed class UnansweredPushesTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly EngineId Ven = new("default", "site-1");

    [Fact]
    public void The_same_bytes_for_the_same_ven_come_again_until_they_are_answered()
    {
        var pushes = new UnansweredPushes();
        Assert.False(pushes.Begin(Ven, "a", Now));
        Assert.True(pushes.Begin(Ven, "a", Now));
        Assert.False(pushes.Begin(Ven with { Key = "site-2" }, "a", Now));
        Assert.False(pushes.Begin(Ven, "b", Now));
        pushes.End(Ven, "a");
        Assert.False(pushes.Begin(Ven, "a", Now));
    }

    [Fact]
    public void No_more_are_kept_than_a_bound_and_the_old_ones_go_first()
    {
        var pushes = new UnansweredPushes();
        pushes.Begin(Ven, "old", Now);
        var later = Now + Duration.FromHours(2);
        for (var i = 0; i < 1023; i++)
        {
            pushes.Begin(Ven, $"{i}", later);
        }

        Assert.True(pushes.Begin(Ven, "0", later));
        Assert.False(pushes.Begin(Ven, "old", later));
    }
}
