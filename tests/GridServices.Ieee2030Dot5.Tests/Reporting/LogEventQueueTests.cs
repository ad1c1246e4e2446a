using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Reporting;

/// <summary>What goes into the server's log of the device.</summary>
public sealed class LogEventQueueTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void An_outage_is_logged_with_its_beginning_and_its_end_once_it_is_over()
    {
        var world = WithLog(37244);
        world.Run(Minute * 2);
        world.Server.Outage = new FakeServer.Reply(500, string.Empty);
        var lost = world.Now;
        world.Run(Minute * 10);
        world.Server.Outage = null;
        world.Run(Minute * 3);

        var logs = world.Server.Posts("/edev/1/lel").Where(p => p.At > lost + (Minute * 9)).ToList();
        Assert.Equal(["1", "2"], logs.TakeLast(2).Select(p => Xml.Text(p.Body, "logEventCode")));
        Assert.All(logs, p => Assert.Equal("37244", Xml.Text(p.Body, "logEventPEN")));
        var began = long.Parse(Xml.Text(logs[^2].Body, "createdDateTime"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(began - lost.ToUnixTimeSeconds(), 0, 65);
    }

    [Fact]
    public void A_manual_override_is_logged_when_it_begins_and_ends()
    {
        var world = WithLog(37244);
        world.Run(Minute);
        foreach (var held in new[] { false, true, true, false })
        {
            world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, ManualOverride = held })])).Run(Minute);
        }

        Assert.Equal(["3", "4"], world.Server.Posts("/edev/1/lel").Select(p => Xml.Text(p.Body, "logEventCode")));
    }

    [Fact]
    public void Without_an_enterprise_number_there_are_no_codes_to_log_under()
    {
        var world = WithLog(0);
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, ManualOverride = true })])).Run(Minute);
        Assert.Empty(world.Server.Posts("/edev/1/lel"));
    }

    private static World WithLog(int pen)
    {
        var world = new World(World.Usual with { Pen = pen }).WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + "<LogEventListLink href=\"/edev/1/lel\" all=\"0\"/>")]);
        world.Server.Status("/edev/1/lel", 201);
        return world;
    }
}
