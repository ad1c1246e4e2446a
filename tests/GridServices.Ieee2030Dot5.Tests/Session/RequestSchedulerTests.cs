using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Session;

/// <summary>What goes first on one line.</summary>
public sealed class RequestSchedulerTests
{
    [Fact]
    public void What_is_owed_is_sent_within_a_minute_also_where_polls_fill_the_line()
    {
        // CSIP-AUS ALL-02, ALL-06 with a server that answers slowly and asks to be read every second.
        var world = new World(World.Usual with { Nmi = "6001234567", Polling = new DerPolling { Floor = Duration.FromSeconds(10) } }) { Latency = Duration.FromSeconds(2) }.WithTree(1);
        world.RunBusy(Duration.FromMinutes(1));
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, NetPowerW = 4000 })]));
        world.RunBusy(Duration.FromMinutes(2));

        Assert.Equal(2, world.Server.Posts("/mup").Count);
        Assert.All(new[] { "/edev/1/cp", "/edev/1/der/1/dercap", "/edev/1/der/1/derg", "/edev/1/der/1/ders" }, path => Assert.NotEmpty(world.Server.Posts(path)));

        // And the polls go on.
        var times = world.Server.TimesOf("/derp/1/derc");
        Assert.All(times.Zip(times.Skip(1), (a, b) => b - a), pause => Assert.InRange(pause.TotalSeconds, 9, 60));
    }
}
