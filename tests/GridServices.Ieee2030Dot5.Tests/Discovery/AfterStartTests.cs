using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>After a start nothing that is merely kept counts as read, and what could not be read before is not forgotten.</summary>
public sealed class AfterStartTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Nothing_is_followed_before_all_that_orders_limits_was_read_again()
    {
        var world = new World().WithTree(900).Run(Minute);
        Assert.False(IsDoubted(world));
        world.Restart(Minute * 6);
        var before = world.Server.Requests.Count;
        var unread = new HashSet<string> { "/dcap", "/tm", "/edev", "/edev/1/fsa", "/edev/1/fsa/1/derp", "/derp/1/dderc", "/derp/1/derc" };
        while (unread.Count > 0)
        {
            Assert.True(IsDoubted(world), $"followed although {string.Join(", ", unread)} is to be read");
            var asked = world.Server.Requests.Count;
            world.RequestsUntil(() => world.Server.Requests.Count > asked);
            unread.ExceptWith(world.Server.Requests.Skip(before).Select(r => r.Path));
        }

        Assert.False(IsDoubted(world.Run(Minute)));
    }

    [Fact]
    public void The_fallback_after_a_loss_comes_however_often_the_service_starts_while_controls_can_not_be_read()
    {
        var world = new World(World.Usual with { Fallback = new Limits { ExportLimitW = 100 }, FallbackAfterLoss = Minute * 60 }).WithTree(300).Run(Minute);
        world.Server.Status("/derp/1/derc", 503);
        world.Run(Minute * 40);
        Assert.Equal(1500, world.StrictestExportNow());
        world.Restart(Minute).Run(Minute * 40);
        Assert.Equal(100, world.StrictestExportNow());

        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => []);
        world.Restart(Minute).Run(Minute * 2);
        Assert.Equal(1500, world.StrictestExportNow());
    }

    [Theory]
    [InlineData(403)]
    [InlineData(503)]
    public void A_server_of_which_only_the_entrance_answers_is_lost_and_stays_so(int status)
    {
        var world = new World().WithTree(60).Run(Minute);
        foreach (var path in world.Server.Resources.Keys.Where(p => p is not ("/dcap" or "/tm")).ToList())
        {
            world.Server.Status(path, status);
        }

        world.Run(Minute * 10);
        Assert.True(world.Now - world.State.Line.LostSince > Minute * 5, "each answer of DeviceCapability ends the loss");
        world.WithTree(60).Run(Minute * 10);
        Assert.Null(world.State.Line.LostSince);

        // What orders limits is read: the server is in trouble, and not lost.
        world.Server.Status("/edev", status);
        world.Run(Minute * 10);
        Assert.Null(world.State.Line.LostSince);
        Assert.True(IsDoubted(world));
    }

    private static bool IsDoubted(World world) => Usability.For(world.Config, world.State) is { Entrance: not null } or { Devices.Count: > 0 };

    [Theory]
    [InlineData(403)]
    [InlineData(503)]
    public void A_start_dates_no_loss_back_to_when_controls_were_followed(int status)
    {
        var world = new World().WithTree(300).Run(Minute);
        world.Server.Status("/edev", status);
        world.Run(Minute * 60);
        world.Restart(Minute);
        world.RequestsUntil(() => world.State.Line.HeardAt is not null);
        Assert.False(world.Now - world.State.Line.LostSince > Minute * 3, $"lost since {world.State.Line.LostSince}");
        world.RequestsUntil(() => world.State.Line.LostSince is not null);
        Assert.False(world.Now - world.State.Line.LostSince > Minute * 3, $"lost since {world.State.Line.LostSince}");
        world.Run(Minute * 10);
        Assert.False(world.Now - world.State.Line.LostSince > Minute * 3, $"lost since {world.State.Line.LostSince}");
    }

    [Theory]
    [InlineData(403)]
    [InlineData(503)]
    public void Between_two_polls_of_the_controls_a_way_in_that_fails_is_no_loss(int status)
    {
        var world = new World().WithTree(900).Run(Minute);
        world.Server.Status("/edev", status);
        world.Run(Minute * 40);
        for (var minute = 0; minute < 60; minute++)
        {
            Assert.Null(world.Run(Minute).State.Line.LostSince);
        }

        foreach (var path in world.Server.Resources.Keys.ToList())
        {
            world.Server.Status(path, status);
        }

        world.Run(Minute * 40);
        Assert.NotNull(world.State.Line.LostSince);
    }

    [Fact]
    public void The_last_list_of_controls_that_fails_begins_the_loss()
    {
        var world = new World().WithTree(300).Run(Minute);
        world.Server.Status("/edev", 503);
        world.Run(Minute * 60);
        Assert.Null(world.State.Line.LostSince);
        var failing = world.Now;
        world.Server.Status("/derp/1/derc", 403);
        world.Run(Minute * 10);
        Assert.True(world.State.Line.LostSince >= failing, $"lost since {world.State.Line.LostSince}");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(503)]
    public void The_first_page_of_controls_that_cannot_be_read_to_their_end_ends_no_loss(int status)
    {
        var world = new World().WithTree(60).Run(Minute);
        world.Server.Status("/edev", 503);
        world.Server.On("/derp/1/derc", asked => Paged(asked, status));
        world.Run(Minute * 20);
        Assert.True(world.Now - world.State.Line.LostSince > Minute * 5, $"lost since {world.State.Line.LostSince}");

        static FakeServer.Reply Paged(FakeServer.Asked asked, int status)
        {
            var control = Xml.Control("C1", World.Start + (Minute * 600), 3600, 1000);
            return asked.From is > 0
                ? new FakeServer.Reply(status, string.Empty)
                : new FakeServer.Reply(200, Xml.Build("DERControlList", "href=\"/derp/1/derc\" all=\"2\" results=\"1\"", control));
        }
    }

    [Fact]
    public void A_server_that_orders_by_defaults_alone_is_followed_by_them()
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"",
            () => ["<DERProgram href=\"/derp/1\"><mRID>A1</mRID><DefaultDERControlLink href=\"/derp/1/dderc\"/><primacy>1</primacy></DERProgram>"]);
        world.Run(Minute);
        world.Server.Status("/edev", 503);
        world.Run(Minute * 10);
        Assert.Null(world.State.Line.LostSince);
        Assert.Equal(1500, world.StrictestExportNow());

        world.Server.Status("/derp/1/dderc", 503);
        world.Run(Minute * 10);
        Assert.NotNull(world.State.Line.LostSince);
    }
}
