using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>The machine's clock may be set, be lost, or be another process' by now.</summary>
public sealed class MachineClockTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void A_machine_whose_clock_is_set_moves_no_control_and_what_is_published_lies_right_on_it()
    {
        // A gateway without a clock of its own starts an hour behind; NTP puts it right a minute later.
        var world = new World().WithTree(60);
        var hour = Duration.FromHours(1);
        world.Server.Offset = hour;
        var start = World.Start + hour + (Minute * 10);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", start, 3600, 0)]);
        world.Run(Minute);
        Assert.InRange((start - hour - Shut(world).From).TotalSeconds, -1, 1);

        world.Give(new DerInput.ClockStepped(hour)).Run(Minute);
        Assert.InRange((start - Shut(world).From).TotalSeconds, -1, 1);
        Assert.Equal(hour, Shut(world).Until - Shut(world).From);

        // A reading of now, as the hub stamps it, is no reading of the future.
        var read = world.Now + hour;
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = read, NetPowerW = 4000 })]));
        Assert.Equal(world.Now, world.State.Line.Measured[FakeServer.Lfdi].Site!.At);

        // Another process, on a machine that is right: nothing moves.
        world.Server.Offset = Duration.Zero;
        world.Restart(hour).Run(Minute * 4);
        Assert.Equal(start, Shut(world).From);
        Assert.Equal(Duration.Zero, world.State.Clock.Step);
    }

    private static Segment Shut(World world) => world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 0);

    [Theory]
    [InlineData(-3, 0)]
    [InlineData(-3, 503)]
    [InlineData(-500_000, 503)]
    public void A_machine_that_lost_its_time_frees_nobody(int hours, int status)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 4 * 3600, 700)]);
        world.Run(Duration.FromHours(1));
        Assert.Equal(700, PagingTests.LimitNow(world));

        // Power comes back: the machine is behind, and the server perhaps not to be reached.
        if (status > 0)
        {
            world.Server.Status("/tm", status);
        }

        var lost = Duration.FromHours(hours);
        world.Server.Offset = -lost;
        world.Restart(lost).Run(Duration.FromSeconds(10));
        for (var second = 0; second < 240; second++)
        {
            Assert.True(PagingTests.LimitNow(world) == 700, $"{second} s: {world.State.Clock}; at {world.Now}: {string.Join(" | ", world.Envelope!.Segments)}");
            world.Run(Duration.FromSeconds(1));
        }

        Assert.Equal(status == 0, world.State.Clock is { IsDoubted: false, IsKnown: true });
        Assert.DoesNotContain(world.Server.Posts("/rsp"), p => Xml.Text(p.Body, "status") == "3");
    }

    [Fact]
    public void A_difference_that_another_process_measured_is_confirmed_and_nothing_is_completed_meanwhile()
    {
        // The first run's machine was wrong by an hour; NTP put it right, and the service was started again.
        var world = new World().WithTree(60);
        var hour = Duration.FromHours(1);
        world.Server.Offset = hour;
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + hour, 3600, 700)]);
        world.Run(Minute);
        Assert.Equal(700, PagingTests.LimitNow(world));

        world.Server.Offset = Duration.Zero;
        world.Restart(hour + (Minute * 5));
        for (var second = 0; second < 240; second++)
        {
            world.Run(Duration.FromSeconds(1));
            Assert.Equal(700, PagingTests.LimitNow(world));
        }

        Assert.Equal(Duration.Zero, world.State.Clock.Offset);
        Assert.DoesNotContain(world.Server.Posts("/rsp"), p => Xml.Text(p.Body, "status") == "3");
    }

    [Fact]
    public void A_machine_that_was_set_while_the_process_ran_is_believed_by_the_next()
    {
        var world = new World().WithTree(60);
        var hour = Duration.FromHours(1);
        world.Server.Offset = hour;
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + hour, 3 * 3600, 0)]);
        world.Run(Minute);
        world.Give(new DerInput.ClockStepped(hour)).Run(Minute);
        var notes = world.Notes.Count;

        world.Server.Offset = Duration.Zero;
        world.Restart(hour);
        Assert.InRange(world.State.Clock.Offset.TotalSeconds, -1, 1);
        for (var second = 0; second < 60; second++)
        {
            world.Run(Duration.FromSeconds(1));
            Assert.False(world.State.Clock.IsDoubted);
            Assert.Null(world.State.Clock.Jump);
        }

        Assert.InRange((World.Start + (hour * 4) - Shut(world).Until!.Value).TotalSeconds, -1, 1);
        Assert.Empty(world.Notes.Skip(notes).Where(n => n is { Kind: NoteKind.Clock, Level: NoteLevel.Alarm }).Select(n => n.Text));
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_machine_that_is_set_between_a_start_and_the_first_reading_of_the_time_has_its_limits_stated_again()
    {
        var world = new World().WithTree(60);
        var hour = Duration.FromHours(1);
        var start = World.Start + hour;
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", start, 3600, 0)]);
        world.Run(Minute);
        world.Restart().Give(new DerInput.ClockStepped(hour)).Run(Minute);
        Assert.InRange((start + hour - Shut(world).From).TotalSeconds, -1, 1);
    }

    [Fact]
    public void A_client_that_may_ask_nothing_waits_a_minute_for_the_time_and_then_does_what_it_is_told()
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60).Run(Minute);
        Assert.Equal(1500, PagingTests.LimitNow(world));
        world.Server.Put("/edev/1/rg", Xml.Registration(33221));
        world.Give(new DerInput.OperatorAction(DerAction.Rediscover)).Run(Minute * 2);
        Assert.Equal(GridServices.Ieee2030Dot5.Devices.PinVerdict.Differs, world.State.Devices.Values.Single().Pin);

        var requests = world.Server.Requests.Count;
        world.Restart().Run(Minute + Duration.FromSeconds(1));
        var was = world.Config;
        world.Config = was with { Tier = Tier.Contractual };
        var published = world.Publications.Count;
        world.Give(new DerInput.ConfigChanged(was)).Run(Duration.FromSeconds(1));
        Assert.True(world.Publications.Count > published, "a PUT changes what is published");
        Assert.Equal(requests, world.Server.Requests.Count);
    }

    [Fact]
    public void A_machine_that_lost_its_time_goes_by_its_own_again_once_it_is_right_where_the_server_tells_none_any_more()
    {
        var world = new World().WithTree(60).Run(Duration.FromHours(2));
        world.Server.Put("/dcap", Xml.DeviceCapability("<EndDeviceListLink href=\"/edev\" all=\"1\"/>", 60));
        world.Restart(Duration.FromHours(-5)).Run(Minute * 5);
        Assert.True(world.State.Clock.IsDoubted);

        world.Give(new DerInput.ClockStepped(Duration.FromHours(6))).Run(Minute * 2);
        Assert.False(world.State.Clock.IsDoubted);
        Assert.Equal(Duration.Zero, world.State.Clock.OffsetToMachine);
    }

    [Fact]
    public void What_a_server_ordered_ends_with_it_also_while_the_time_is_doubted()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 4 * 3600, 700)]);
        world.Run(Duration.FromHours(2));
        world.Server.Status("/tm", 503);
        world.Restart(Duration.FromHours(-5)).Run(Minute);
        Assert.True(world.State.Clock.IsDoubted);

        var was = world.Config;
        world.Config = was with { ServerUrl = "https://other.example/dcap" };
        world.Give(new DerInput.ConfigChanged(was));
        Assert.DoesNotContain(world.State.Devices.Values.Single().Schedule.Controls, c => c.Ending is null && c.Closed is null);
        Assert.DoesNotContain(world.State.Devices.Values.Single().Schedule.Published, p => p.Live);
    }
}
