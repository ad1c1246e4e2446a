using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>A server that names the version of what it sends is asked for what changed alone, and is never believed more for it.</summary>
public sealed class ConditionalReadTests
{
    private const string Programs = "/edev/1/fsa/1/derp";
    private const string Controls = "/derp/1/derc";
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void What_has_not_changed_is_not_sent_again_and_counts_as_read_and_heard()
    {
        var world = Versioned(World.Usual with { FallbackAfterLoss = Duration.FromMinutes(10), Fallback = Limits.None with { ExportLimitW = 0 } });
        world.Run(Minute * 30);
        Assert.All(Asked(world, Controls).Skip(1), a => Assert.NotNull(a.Request.IfNoneMatch));
        Assert.InRange(world.Server.GetTimes(Controls).Count, 30, 31);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Null(Usability.For(world.Config, world.State).Entrance);
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
        Assert.True(world.Now - world.State.Line.HeardAt < Minute * 2);
        Assert.Null(TreeReading.FindUnreadReason(world.Config, world.State, FakeServer.Lfdi));

        // An order that is new has another version, and is read with the next poll.
        world.Server.List(Controls, "DERControlList", string.Empty, () => [Xml.Control("C1", world.Now, 3600, 700)]);
        Name(world, Controls);
        world.Run(Minute * 2);
        Assert.Equal(700, world.StrictestExportNow());
    }

    [Fact]
    public void What_is_asked_for_each_time_is_asked_for_whole()
    {
        var world = Versioned().Run(Minute * 10);
        foreach (var path in new[] { "/dcap", "/tm", "/edev", "/edev/1/rg", "/mup" })
        {
            Assert.All(Asked(world, path), a => Assert.Null(a.Request.IfNoneMatch));
        }

        Assert.All(new[] { "/edev/1/fsa", Programs, "/derp/1/dderc", Controls, "/edev/1/der" }, path => Assert.NotNull(Asked(world, path)[^1].Request.IfNoneMatch));
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("illegible item")]
    [InlineData("lacks a program")]
    [InlineData("refused")]
    [InlineData("away")]
    [InlineData("several pages")]
    [InlineData("restart")]
    [InlineData("configuration")]
    [InlineData("rediscover")]
    public void After_any_doubt_it_is_asked_for_whole(string what)
    {
        var world = Versioned(World.Usual with { Polling = new DerPolling { PageSize = 2 } }).Run(Minute * 3);
        Assert.NotNull(Asked(world, Programs)[^1].Request.IfNoneMatch);
        var good = world.Server.Resources[Programs];
        switch (what)
        {
            case "damaged":
                Spoil(world, new FakeServer.Reply(200, "<DERProgramList", ETag: "\"broken\""));
                break;
            case "illegible item":
                world.Server.List(Programs, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 1), "<DERProgram href=\"/derp/2\"><primacy>x</primacy></DERProgram>"]);
                Name(world, Programs);
                break;
            case "lacks a program":
                world.Server.List(Programs, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/9", "A9", 1)]);
                Name(world, Programs);
                break;
            case "several pages":
                world.Server.List(Programs, "DERProgramList", "pollRate=\"60\"", () => [.. Enumerable.Range(1, 3).Select(i => Xml.Program($"/derp/{i}", $"A{i}", 1))]);
                Name(world, Programs);
                break;
            case "refused":
                Spoil(world, new FakeServer.Reply(403, string.Empty));
                break;
            case "away":
                Spoil(world, new FakeServer.Reply(503, string.Empty));
                break;
            case "restart":
                world.Restart();
                break;
            case "configuration":
                world.Give(new DerInput.ConfigChanged(world.Config with { GapBridging = Duration.FromSeconds(3) }));
                break;
            default:
                world.Give(new DerInput.OperatorAction(DerAction.Rediscover));
                break;
        }

        var count = Asked(world, Programs).Count;
        var isOfTheServer = what is not ("restart" or "configuration" or "rediscover");
        while (Asked(world, Programs).Count < count + (isOfTheServer ? 2 : 1))
        {
            world.Run(Duration.FromSeconds(1));
        }

        Assert.Null(Asked(world, Programs)[count + (isOfTheServer ? 1 : 0)].Request.IfNoneMatch);
        Assert.Equal(1500, world.StrictestExportNow());

        if (what == "several pages")
        {
            world.Run(Minute * 3);
            Assert.All(Asked(world, Programs).Skip(count + 1), a => Assert.Null(a.Request.IfNoneMatch));
        }

        // And once it is as it was, it is as before.
        world.Server.On(Programs, good);
        world.Run(Minute * 4);
        Assert.NotNull(Asked(world, Programs)[^1].Request.IfNoneMatch);
    }

    [Fact]
    public void At_another_address_it_is_asked_for_whole_whatever_the_version()
    {
        var world = Versioned().Run(Minute * 3);
        world.Server.On("/derp/1/dderc", asked => asked.Method == "GET" ? new FakeServer.Reply(307, string.Empty, "/v2/dderc") : new FakeServer.Reply(405, string.Empty));
        world.Server.Put("/v2/dderc", Xml.Default("D1", 900));
        Name(world, "/v2/dderc");
        world.Run(Minute * 2);
        Assert.Null(Asked(world, "/v2/dderc")[0].Request.IfNoneMatch);
        Assert.Null(Asked(world, "/derp/1/dderc")[^1].Request.IfNoneMatch);
        Assert.Equal(900, world.StrictestExportNow());
    }

    [Fact]
    public void A_server_whose_versions_stand_still_hides_an_order_for_an_hour_at_most()
    {
        var world = Versioned();
        IReadOnlyList<string> controls = [];
        world.Server.List(Controls, "DERControlList", string.Empty, () => controls);
        var list = world.Server.Resources[Controls];
        world.Server.On(Controls, asked => asked.Request.IfNoneMatch == "\"1\"" ? new FakeServer.Reply(304, string.Empty) : list(asked) with { ETag = "\"1\"" });
        world.Run(Minute * 5);
        controls = [Xml.Control("C1", world.Now, 4 * 3600, 700)];
        world.Run(Minute * 61);
        Assert.Equal(700, world.StrictestExportNow());
    }

    [Fact]
    public void What_a_notification_names_is_read_whole()
    {
        var world = Versioned(World.Usual with { Subscriptions = new DerSubscriptions { NotificationUrl = "https://site.example:8443/n" } }).Run(Minute * 3);
        var before = Asked(world, Controls).Count;
        world.Give(new DerInput.NotificationReceived(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty, $"<subscribedResource>{Controls}</subscribedResource><status>0</status>"))));
        world.Run(Duration.FromSeconds(5));
        Assert.Null(Asked(world, Controls)[before].Request.IfNoneMatch);
    }

    [Fact]
    public void A_304_that_nobody_asked_for_is_no_answer()
    {
        var world = new World().WithTree(60).Run(Minute * 3);
        world.Server.Status(Controls, 304);
        world.Run(Minute * 5);
        Assert.Contains("HTTP 304", world.State.Line.Readings.Single(r => r.Key.EndsWith(Controls, StringComparison.Ordinal)).Value.Trouble, StringComparison.Ordinal);
        Assert.Equal(1500, world.StrictestExportNow());
    }

    [Theory]
    [InlineData("\"a\"", true)]
    [InlineData("W/\"a!#~\"", true)]
    [InlineData("\"\"", true)]
    [InlineData("a", false)]
    [InlineData("\"", false)]
    [InlineData("w/\"a\"", false)]
    [InlineData("W/a", false)]
    [InlineData("W/\"", false)]
    [InlineData("\"a\"b\"", false)]
    [InlineData("\"a b\"", false)]
    [InlineData("\"a\r\nHost: x\"", false)]
    [InlineData("\"\u00e4\"", false)]
    [InlineData("\"a\", \"b\"", false)]
    [InlineData("long", false)]
    public void Only_what_is_a_version_is_sent_back(string tag, bool isUsed)
    {
        tag = tag == "long" ? $"\"{new string('a', 300)}\"" : tag;
        var world = new World().WithTree(60);
        var list = world.Server.Resources[Controls];
        world.Server.On(Controls, asked => list(asked) with { ETag = tag });
        world.Run(Minute * 3);
        Assert.Equal(isUsed ? tag : null, Asked(world, Controls)[^1].Request.IfNoneMatch);
    }

    /// <summary>The usual tree, of which each resource has a version.</summary>
    private static World Versioned(DerClientConfig? config = null)
    {
        var world = new World(config).WithTree(60);
        foreach (var path in world.Server.Resources.Keys.ToList())
        {
            Name(world, path);
        }

        return world;
    }

    private static void Name(World world, string path)
    {
        var answer = world.Server.Resources[path];
        world.Server.On(path, asked =>
        {
            var reply = answer(asked);
            if (asked.Method != "GET" || reply.Status != 200)
            {
                return reply;
            }

            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(reply.Bytes))[..16]}\"";
            return asked.Request.IfNoneMatch == tag ? new FakeServer.Reply(304, string.Empty, ContentType: null, ETag: tag) : reply with { ETag = tag };
        });
    }

    private static void Spoil(World world, FakeServer.Reply with) => world.Server.On(Programs, _ => with);

    private static List<FakeServer.Asked> Asked(World world, string path) => [.. world.Server.Requests.Where(r => r.Method == "GET" && r.Path == path)];
}
