using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Reporting;

/// <summary>Averages of what is measured, in the server's rhythm.</summary>
public sealed class MirrorTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Usage_points_are_looked_for_made_looked_for_again_and_only_then_fed()
    {
        // CSIP-AUS ALL-06
        var world = new World(World.Usual with { Pen = 37244 }).WithTree(60);
        Measure(world, Minute * 12);

        var flow = world.Server.Requests.Where(r => r.Path.StartsWith("/mup", StringComparison.Ordinal)).Select(r => $"{r.Method} {r.Path}").Take(5);
        Assert.Equal(["GET /mup", "POST /mup", "POST /mup", "GET /mup"], flow.Take(4));
        var (site, der) = (world.Server.Posts("/mup")[0].Body, world.Server.Posts("/mup")[1].Body);
        Assert.Equal(["3", "73"], new[] { site, der }.Select(b => $"{Convert.ToInt32(Xml.Text(b, "roleFlags"), 16)}"));
        Assert.Equal(["38", "63", "29"], Xml.Texts(site, "uom"));
        Assert.Equal(["38", "63"], Xml.Texts(der, "uom"));
        Assert.All(Xml.Texts(site, "mRID").Concat(Xml.Texts(der, "mRID")), m => Assert.Matches("^[0-9A-F]{24}00037244$", m));
        Assert.All(Xml.Texts(site, "dataQualifier"), q => Assert.Equal("2", q));
        Assert.All(Xml.Texts(site, "kind"), k => Assert.Equal("37", k));
    }

    [Fact]
    public void Averages_are_aligned_to_five_minutes_and_signed_by_direction()
    {
        var world = new World().WithTree(60);
        world.Run(Minute * 2 + Duration.FromSeconds(7));
        Measure(world, Minute * 15);

        var posts = world.Server.Posts("/mup/1");
        Assert.Equal(3, posts.Count);
        Assert.All(posts, p => Assert.Equal(0, long.Parse(Xml.Text(p.Body, "start"), System.Globalization.CultureInfo.InvariantCulture) % 300));
        Assert.All(posts, p => Assert.Equal("300", Xml.Text(p.Body, "duration")));
        Assert.Equal(["5000", "120", "2301"], Xml.Texts(posts[1].Body, "value"));
        Assert.Equal(["3000", "-50"], Xml.Texts(world.Server.Posts("/mup/2")[1].Body, "value"));
        Assert.All(posts, p => Assert.InRange((p.At.ToUnixTimeSeconds() - long.Parse(Xml.Text(p.Body, "start"), System.Globalization.CultureInfo.InvariantCulture)), 300, 304));
    }

    [Fact]
    public void A_store_tells_its_content()
    {
        // CSIP-AUS STO-01, STO-04
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, MaxWh = 20_000 } }).WithTree(60);
        for (var minute = 0; minute < 12; minute++)
        {
            world.Give(new DerInput.ReadingsArrived(
            [
                new SiteReading("site-1", new Contracts.Reading { At = world.Now, AssetId = "a", SocPercent = 40 }),
                new SiteReading("site-1", new Contracts.Reading { At = world.Now, AssetId = "b", SocPercent = 60.5m }),
            ])).Run(Minute);
        }

        var made = world.Server.Posts("/mup").Single(p => Xml.Texts(p.Body, "uom").Contains("72"));
        Assert.Equal(["38 37 2", "63 37 2", "72 12 0"], Xml.Texts(made.Body, "uom").Zip(Xml.Texts(made.Body, "kind"), Xml.Texts(made.Body, "dataQualifier")).Select(q => $"{q.First} {q.Second} {q.Third}"));
        Assert.All(Xml.Texts(made.Body, "flowDirection"), d => Assert.Equal("19", d));
        Assert.All(world.Server.Posts("/mup/2"), p => Assert.Equal(["10050"], Xml.Texts(p.Body, "value")));
        Assert.NotEmpty(world.Server.Posts("/mup/2"));
    }

    [Fact]
    public void What_is_stored_is_told_as_it_is_at_the_end_of_the_interval()
    {
        // CSIP-AUS STO-01: dataQualifier 0 is an instantaneous value
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, MaxWh = 10_000 } }).WithTree(60);
        world.Run(Minute);
        for (var minute = 0; minute < 6; minute++)
        {
            world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Contracts.Reading { At = world.Now, AssetId = "a", SocPercent = 10 * minute })])).Run(Minute);
        }

        Assert.Equal(["3000"], Xml.Texts(world.Server.Posts("/mup/2")[0].Body, "value"));
    }

    [Fact]
    public void The_voltage_of_a_sleeping_inverter_is_no_voltage()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        foreach (var volts in new[] { 230m, 0m, 0m, 230m, 230m, 230m })
        {
            world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, VoltageV = volts })])).Run(Minute);
        }

        Assert.Equal(["2300"], Xml.Texts(world.Server.Posts("/mup/1")[0].Body, "value"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_usage_point_that_vanished_is_made_again_at_once(bool listsIt)
    {
        var world = new World().WithTree(60);
        Measure(world, Minute * 7);
        Assert.Equal(2, world.Server.Posts("/mup").Count);

        // The server loses both; either its list shows that, or the next post of readings does.
        world.Server.WithMirrors(listsIt ? 60 : 3600);
        world.Server.Status("/mup/1", 404);
        world.Server.Status("/mup/2", 404);
        Measure(world, listsIt ? Duration.FromSeconds(70) : Minute * 5);
        Assert.Equal(4, world.Server.Posts("/mup").Count);
    }

    [Fact]
    public void The_servers_rhythm_is_followed_at_once()
    {
        // CSIP-AUS ALL-10
        var world = new World().WithTree(60);
        world.Server.PostRate = 300;
        Measure(world, Minute * 10);
        Assert.InRange(world.Server.Posts("/mup/1").Count, 1, 2);

        world.Server.PostRate = 60;
        var changed = world.Now;
        Measure(world, Minute * 5);
        var posts = world.Server.Posts("/mup/1").Where(p => p.At >= changed).ToList();
        Assert.InRange(posts.Count, 4, 6);
        Assert.True(posts[0].At - changed < Duration.FromSeconds(90));

        world.Server.PostRate = 300;
        Measure(world, Minute * 2);
        var slow = world.Server.Posts("/mup/1").Count;
        Measure(world, Minute * 10);
        Assert.Equal(slow + 2, world.Server.Posts("/mup/1").Count);
    }

    [Fact]
    public void The_rate_of_the_EndDevice_beats_the_configuration()
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1")).Replace("</EndDevice>", "<postRate>60</postRate></EndDevice>", StringComparison.Ordinal)]);
        Measure(world, Minute * 10);
        Assert.InRange(world.Server.Posts("/mup/1").Count, 8, 10);
    }

    [Fact]
    public void Averages_of_an_outage_are_delivered_afterwards()
    {
        var world = new World().WithTree(60);
        Measure(world, Minute * 6);
        var before = world.Server.Posts("/mup/1").Count;
        world.Server.Outage = new FakeServer.Reply(500, string.Empty);
        Measure(world, Minute * 30);
        world.Server.Outage = null;
        var failed = world.Server.Posts("/mup/1").Count;
        Measure(world, Minute * 2);

        Assert.InRange(world.Server.Posts("/mup/1").Count - failed, 5, 7);
        Assert.True(failed >= before);
    }

    [Fact]
    public void Restarts_make_no_second_usage_point()
    {
        var world = new World().WithTree(60);
        Measure(world, Minute * 2);
        world.Restart(Minute);
        Measure(world, Minute * 10);
        Assert.Equal(2, world.Server.Posts("/mup").Count);
    }

    [Fact]
    public void An_interval_of_a_device_that_is_configured_no_more_ends_quietly()
    {
        var world = new World().WithTree(60);
        Measure(world, Minute * 2);
        var previous = world.Config;
        world.Config = previous with { SiteId = "site-9" };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute * 20);
        Assert.Empty(world.State.Line.Running);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(405)]
    public void Readings_that_may_not_be_posted_yet_wait_for_it(int status)
    {
        var world = new World().WithTree(60);
        Measure(world, Minute * 2);
        world.Server.Status("/mup/1", status);
        Measure(world, Minute * 30);
        Assert.InRange(world.Server.Posts("/mup/1").Count, 2, 12);
        Assert.Single(world.Notes, n => n.Kind == NoteKind.ReportRefused);

        var refused = world.Server.Posts("/mup/1").Count;
        world.Server.Status("/mup/1", 204);
        Measure(world, Minute * 20);
        var taken = world.Server.Posts("/mup/1").Skip(refused).Select(p => long.Parse(Xml.Text(p.Body, "start"), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(taken.Count, 9, 11);
        Assert.All(taken.Zip(taken.Skip(1), (a, b) => b - a), step => Assert.Equal(300, step));
    }

    [Fact]
    public void Nothing_is_said_of_intervals_without_measurements()
    {
        var world = new World().WithTree(60);
        world.Run(Duration.FromHours(1));
        Assert.Empty(world.Server.Posts("/mup/1"));
    }

    [Fact]
    public void Readings_of_other_sites_and_other_assets_do_not_count()
    {
        var world = new World(World.Usual with { Assets = ["pv-1"] }).WithTree(60);
        world.Run(Minute);
        for (var i = 0; i < 10; i++)
        {
            world.Give(new DerInput.ReadingsArrived([
                new SiteReading("site-2", new Reading { At = world.Now, NetPowerW = 999_999 }),
                new SiteReading("site-1", new Reading { At = world.Now, AssetId = "oven", NetPowerW = 999_999 }),
                new SiteReading("site-1", new Reading { At = world.Now, AssetId = "pv-1", NetPowerW = -100 })])).Run(Minute);
        }

        Assert.Empty(world.Server.Posts("/mup/1"));
        Assert.All(world.Server.Posts("/mup/2"), p => Assert.Equal("100", Xml.Text(p.Body, "value")));
    }

    /// <summary>The site draws 5 kW on average while its DER generates 3 kW.</summary>
    private static void Measure(World world, Duration span)
    {
        for (var i = 0; i < span.TotalSeconds / 10; i++)
        {
            world.Give(new DerInput.ReadingsArrived([
                new SiteReading("site-1", new Reading { At = world.Now, NetPowerW = i % 2 == 0 ? 4000 : 6000, ReactivePowerVar = 120, VoltageV = 230.1m }),
                new SiteReading("site-1", new Reading { At = world.Now, AssetId = "pv-1", NetPowerW = -2000, ReactivePowerVar = 50 }),
                new SiteReading("site-1", new Reading { At = world.Now, AssetId = "ess-1", NetPowerW = -1000 })]));
            world.Run(Duration.FromSeconds(10));
        }
    }
}
