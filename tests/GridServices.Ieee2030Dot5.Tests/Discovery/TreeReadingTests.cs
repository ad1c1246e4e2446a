using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What is kept from before a start may be older than what the hub holds: only what was read since then counts as heard.</summary>
public sealed class TreeReadingTests
{
    [Theory]
    [InlineData("/dcap", "DeviceCapability")]
    [InlineData("/edev/1/fsa", "AssignmentsList")]
    [InlineData("/edev/1/fsa/1/derp", "ProgramList")]
    [InlineData("/derp/1/derc", "ControlList")]
    [InlineData("/derp/1/dderc", "DefaultControl")]
    public void Nothing_is_read_after_a_start_until_all_that_leads_to_the_controls_is(string path, string kind)
    {
        var world = new World().WithTree().Run(Duration.FromMinutes(1));
        Assert.Null(WhyUnread(world));

        world.Server.Status(path, 500);
        world.Restart().Run(Duration.FromMinutes(2));
        Assert.Contains(kind, WhyUnread(world), StringComparison.Ordinal);

        world.WithTree().Run(Duration.FromMinutes(20));
        Assert.Null(WhyUnread(world));
    }

    [Fact]
    public void A_default_that_the_server_never_had_is_as_good_as_read_and_one_that_it_shows_no_more_is_not()
    {
        var without = new World().WithTree();
        without.Server.Status("/derp/1/dderc", 404);
        Assert.Null(WhyUnread(without.Run(Duration.FromMinutes(1))));

        var with = new World().WithTree().Run(Duration.FromMinutes(1));
        with.Server.Status("/derp/1/dderc", 404);
        Assert.Contains("DefaultControl", WhyUnread(with.Restart().Run(Duration.FromMinutes(1))), StringComparison.Ordinal);
    }

    [Fact]
    public void That_the_server_is_lost_is_stored_and_a_start_does_not_forget_it()
    {
        var world = new World().WithTree().Run(Duration.FromMinutes(1));
        foreach (var path in world.Server.Resources.Keys.ToList())
        {
            world.Server.Status(path, 0);
        }

        var stored = world.Stored;
        world.Run(Duration.FromMinutes(10));
        var lost = world.State.Line.LostSince;
        Assert.NotNull(lost);
        Assert.True(world.Stored > stored);

        Assert.Equal(lost, world.Restart(Duration.FromMinutes(1)).State.Line.LostSince);
        world.WithTree().Run(Duration.FromMinutes(10));
        Assert.Null(world.State.Line.LostSince);
    }

    private static string? WhyUnread(World world) => TreeReading.WhyUnread(world.Config, world.State, FakeServer.Lfdi);
}
