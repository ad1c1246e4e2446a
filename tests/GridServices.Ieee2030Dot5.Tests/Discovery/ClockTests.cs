using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>The server's time is followed as a difference to ours.</summary>
public sealed class ClockTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(40)]
    [InlineData(-3600)]
    [InlineData(90000)]
    public void Events_of_a_server_whose_clock_is_off_happen_at_the_servers_time(int offset)
    {
        var world = new World().WithTree(60);
        world.Server.Offset = Duration.FromSeconds(offset);
        var start = World.Start + world.Server.Offset + (Minute * 2);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", start, 600, 700)]);
        world.Run(Minute);

        var segment = world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 700);
        Assert.InRange((segment.From - (World.Start + (Minute * 2))).TotalSeconds, -1, 1);
        Assert.Equal(Math.Abs(offset) > 60, world.Notes.Any(n => n is { Kind: NoteKind.Clock, Class: ErrorClass.ClockSkew, Level: NoteLevel.Alarm }));

        world.Run(Minute * 2);
        Assert.Contains(world.Server.Posts("/rsp"), p => p.Body.Contains("<status>2</status>", StringComparison.Ordinal));
    }

    [Fact]
    public void Whole_seconds_and_latency_move_nothing()
    {
        var world = new World { Latency = Duration.FromMilliseconds(700) }.WithTree(60);
        world.Run(Minute * 30);
        Assert.Equal(Duration.Zero, world.State.Clock.Offset);
    }

    [Fact]
    public void A_server_that_takes_long_to_answer_is_not_late()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 7200, 700)]);
        world.Run(Minute * 3);
        var published = world.Publications.Count;
        foreach (var seconds in new[] { 9, 0, 7, 0 })
        {
            world.LatencyOf = request => request.Href == "/tm" ? Duration.FromSeconds(seconds) : world.Latency;
            world.Give(new DerInput.OperatorAction(DerAction.Rediscover)).Run(Minute);
            Assert.Equal(Duration.Zero, world.State.Clock.Offset);
        }

        Assert.Equal(published, world.Publications.Count);
    }

    [Fact]
    public void A_clock_that_comes_right_moves_what_was_published()
    {
        var world = new World().WithTree(60);
        world.Server.Offset = Duration.FromSeconds(120);
        var start = World.Start + Duration.FromHours(1);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", start, 600, 700)]);
        world.Run(Minute);
        Assert.InRange((world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 700).From - (start - Duration.FromSeconds(120))).TotalSeconds, -1, 1);

        world.Server.Offset = Duration.Zero;
        world.Run(Minute * 20);
        Assert.Equal(start, world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 700).From);
    }

    [Fact]
    public void The_end_of_the_calendar_on_a_clock_that_is_behind_is_no_stumbling_block()
    {
        var world = new World().WithTree(60);
        world.Server.Offset = Duration.FromDays(-3000);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", Instant.FromUtc(9999, 12, 1, 0, 0), 86_400, 700), Xml.Control("C2", World.Start + Minute, 600, 800)]);
        world.Run(Minute * 5);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void Without_a_time_resource_the_walk_goes_on()
    {
        var world = new World().WithTree(60);
        world.Server.Status("/tm", 404);
        world.Run(Minute);
        Assert.NotNull(world.Envelope);
    }

    [Theory]
    [InlineData(503, null, 0)]
    [InlineData(503, null, 7_200)]
    [InlineData(503, null, -7_200)]
    [InlineData(200, 0L, 7_200)]
    [InlineData(200, 1L, -7_200)]
    [InlineData(200, 253_402_300_799L, 7_200)]
    public void Before_the_servers_time_is_known_nothing_is_judged_and_what_could_hold_does(int status, long? told, int offsetS)
    {
        var world = new World().WithTree(60);
        var tm = world.Server.Resources["/tm"];
        world.Server.Offset = Duration.FromSeconds(offsetS);
        var serverNow = World.Start + world.Server.Offset;
        world.Server.On("/tm", _ => new FakeServer.Reply(status, told is { } t ? Xml.Time(Instant.FromUnixTimeSeconds(t)) : string.Empty));
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", serverNow - Minute, 1800, 700)]);
        world.Run(Minute * 5);

        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Empty(world.Server.Posts("/rsp"));
        Assert.Contains(world.Notes, n => n.Text.Contains("time is not known", StringComparison.Ordinal));

        world.Server.On("/tm", tm);
        world.Run(Minute * 2);
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
        Assert.Equal(700, PagingTests.LimitNow(world));
        world.Run(Minute * 30);
        Assert.Equal(1500, PagingTests.LimitNow(world));
        Assert.Equal(["1", "2", "3"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void Of_all_limits_that_could_hold_the_strictest_does_and_what_was_cancelled_counts_no_more()
    {
        var world = new World().WithTree(60);
        world.Server.Status("/tm", 503);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
        [
            Xml.Control("C1", World.Start + Duration.FromHours(2), 1800, 900), Xml.Control("C2", World.Start - Duration.FromHours(5), 1800, 800),
            Xml.Control("C3", World.Start, 1800, 100, status: 2), Xml.Control("C4", World.Start + Duration.FromDays(9), 1800, 200),
        ]);
        world.Run(Minute * 2);
        Assert.Equal(800, PagingTests.LimitNow(world));
    }

    [Theory]
    [InlineData(7_200)]
    [InlineData(-7_200)]
    public void A_verdict_by_a_clock_that_was_wrong_is_reconsidered_once_it_is_right(int wrongByS)
    {
        // The server's own clock is wrong at first and put right: what was refused or completed by it acts to its real end.
        var world = new World().WithTree(60);
        world.Server.Offset = Duration.FromSeconds(wrongByS);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, 700)]);
        world.Run(Minute * 3);
        Assert.Equal(1500, PagingTests.LimitNow(world));

        // The rate of Time in this tree is the standard's 900 s.
        world.Server.Offset = Duration.Zero;
        world.Run(Minute * 16);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Contains(world.Server.Posts("/rsp"), p => Xml.Text(p.Body, "status") == "2");
        world.Run(Duration.FromHours(1));
        Assert.Equal(1500, PagingTests.LimitNow(world));
    }

    [Fact]
    public void A_control_that_a_jump_of_the_clock_completed_acts_again_when_it_jumps_back()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 3600, 700)]);
        world.Run(Minute * 3);
        Assert.Equal(700, PagingTests.LimitNow(world));

        world.Server.Offset = Duration.FromHours(3);
        world.Run(Minute * 16);
        Assert.Equal(1500, PagingTests.LimitNow(world));
        world.Server.Offset = Duration.Zero;
        world.Run(Minute * 16);
        Assert.Equal(700, PagingTests.LimitNow(world));
        world.Run(Duration.FromHours(1));
        Assert.Equal(1500, PagingTests.LimitNow(world));
        Assert.Equal(["1", "2", "3"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_known_time_survives_a_restart_and_a_server_that_tells_it_no_more()
    {
        var world = new World().WithTree(60);
        world.Server.Offset = Duration.FromSeconds(300);
        world.Run(Minute);
        world.Server.Status("/tm", 503);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", world.Now + world.Server.Offset, 3600, 700)]);
        world.Restart().Run(Minute * 2);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_state_stored_by_an_earlier_version_knows_its_time()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        var stored = System.Text.Encoding.UTF8.GetString(DerClientStateJson.Write(world.State));
        var earlier = stored.Replace(",\"isKnown\":true", string.Empty, StringComparison.Ordinal).Replace("\"isKnown\":true,", string.Empty, StringComparison.Ordinal)
            .Replace(",\"slipped\":false", string.Empty, StringComparison.Ordinal);
        Assert.NotEqual(stored, earlier);
        var state = DerClientStateJson.Read(System.Text.Encoding.UTF8.GetBytes(earlier));
        Assert.False(state.Clock.IsKnown);
        var step = DerClient.Apply(world.Config, state, new DerInput.Started(), world.Now, 1);
        Assert.DoesNotContain(step.Notes, n => n.Text.Contains("time is not known", StringComparison.Ordinal));
        Assert.Empty(step.Publications);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public void A_time_that_is_linked_and_refused_is_not_known(int status)
    {
        var world = new World().WithTree(60);
        var tm = world.Server.Resources["/tm"];
        world.Server.Offset = -Duration.FromHours(2);
        world.Server.Status("/tm", status);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Duration.FromHours(2) - Minute, 1800, 700)]);
        world.Run(Minute * 5);

        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Empty(world.Server.Posts("/rsp"));
        Assert.Contains("/tm", GridServices.Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Entrance!.Reason, StringComparison.Ordinal);

        world.Server.On("/tm", tm);
        world.Run(Minute * 2);
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
        Assert.Null(GridServices.Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Entrance);
    }

    [Fact]
    public void A_server_without_a_link_to_its_time_goes_by_ours()
    {
        var world = new World().WithTree(60);
        world.Server.Put("/dcap", Xml.DeviceCapability("<EndDeviceListLink href=\"/edev\" all=\"1\"/>", 60));
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 1800, 700)]);
        world.Run(Minute);
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
        Assert.Null(GridServices.Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Entrance);
    }

    [Theory]
    [InlineData(18_000)]
    [InlineData(-18_000)]
    [InlineData(9 * 365 * 86_400)]
    [InlineData(-600)]
    public void A_jump_that_two_readings_tell_frees_nobody_and_is_named(int jumpS)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, 700)]);
        world.Run(Minute * 14);
        var published = world.Publications.Count;
        var readings = world.Server.GetTimes("/tm").Count;
        world.Server.Offset = Duration.FromSeconds(jumpS);
        while (world.Server.GetTimes("/tm").Count < readings + 2)
        {
            world.Run(Duration.FromSeconds(1));
            Assert.Equal(700, PagingTests.LimitNow(world));
        }

        Assert.Contains("jumped", GridServices.Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Entrance!.Reason, StringComparison.Ordinal);
        Assert.Single(world.Notes, n => n is { Kind: NoteKind.Clock, Level: NoteLevel.Alarm });
        world.Server.Offset = Duration.Zero;
        world.Run(Minute * 20);
        Assert.Equal(published, world.Publications.Count);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Null(GridServices.Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Entrance);
        Assert.Equal(Duration.Zero, world.State.Clock.Offset);
    }

    [Fact]
    public void A_jump_is_followed_after_three_readings_over_two_minutes_and_a_crash_between_them_loses_none()
    {
        var world = new World().WithTree(60);
        world.Run(Minute * 14);
        world.Server.Offset = Duration.FromHours(5);
        world.Run(Minute + Duration.FromSeconds(10));
        Assert.Equal(Duration.Zero, world.State.Clock.Offset);
        Assert.NotNull(world.State.Clock.Jump);
        world.Restart().Run(Minute * 3);
        Assert.InRange(world.State.Clock.Offset.TotalSeconds, 17_999, 18_001);
    }
}
