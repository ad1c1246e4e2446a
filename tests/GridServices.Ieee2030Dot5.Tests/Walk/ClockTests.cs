using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Walk;

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
}
