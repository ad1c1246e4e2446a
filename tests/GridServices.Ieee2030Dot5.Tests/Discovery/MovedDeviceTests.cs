using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;
using static GridServices.Ieee2030Dot5.Tests.Discovery.MovedTreeTests;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>EndDevices that move, or are missing from their list for a while, lose no orders.</summary>
public sealed class MovedDeviceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_EndDevice_that_moves_to_where_nothing_is_assigned_yet_keeps_its_orders(bool stays)
    {
        var world = Followed();
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/7", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/7"))]);
        world.Server.On("/edev/7/fsa", _ => Empty("FunctionSetAssignmentsList"));
        Until(world, () => world.Server.Gets.Contains("/edev/7/fsa"));
        Holds(world, 700, Duration.FromSeconds(25));
        if (stays)
        {
            world.Run(Duration.FromSeconds(15));
            Assert.Null(world.StrictestExportNow());
            return;
        }

        world.Server.List("/edev/7/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/7/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        Holds(world, 700, Minute * 5);
        Assert.Null(FindTrouble(world));
    }

    [Fact]
    public void A_list_of_EndDevices_that_promises_us_and_does_not_show_us_loses_nobody()
    {
        var world = Followed();
        var right = world.Server.Resources["/edev"];
        world.Server.Put("/edev", Xml.Build("EndDeviceList", "all=\"1\" results=\"0\" pollRate=\"60\"", string.Empty));
        Holds(world, 700, Minute * 3);
        Assert.Contains("promises more", FindTrouble(world)!.Reason, StringComparison.Ordinal);
        world.Server.On("/edev", right);
        Holds(world, 700, Minute * 2);
        Assert.Null(FindTrouble(world));
    }

    [Fact]
    public void Two_lists_that_are_empty_one_after_the_other_are_no_confirmation()
    {
        var world = Followed();
        world.Server.On(Elsewhere, _ => Empty("DERProgramList"));
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/7", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/7"))]);
        world.Server.On("/edev/7/fsa", _ => Empty("FunctionSetAssignmentsList"));
        Until(world, () => world.Server.Gets.Contains("/edev/7/fsa"));
        Holds(world, 700, Duration.FromSeconds(20));
        world.Server.List("/edev/7/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/7/fsa/1", "F1", Elsewhere)]);
        Until(world, () => world.Server.Gets.Contains(Elsewhere));
        Holds(world, 700, Duration.FromSeconds(25));
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        Holds(world, 700, Minute * 3);
    }

    [Fact]
    public void A_list_read_in_part_is_still_to_come()
    {
        var world = Followed(World.Usual with { Polling = new DerPolling { PageSize = 1 } });
        var pages = new List<string> { Xml.Program("/derp/2", "A2", 9), Xml.Program("/derp/1", "A1", 1) };
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => pages);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 5000));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        var right = world.Server.Resources[Elsewhere];
        world.Server.On(Elsewhere, a => a.From > 0 ? new FakeServer.Reply(503, string.Empty) : right(a));
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        Until(world, () => world.Server.Gets.Contains(Elsewhere));
        Holds(world, 700, Minute * 3);

        var published = world.Publications.Count;
        world.Server.On(Elsewhere, right);
        Holds(world, 700, Minute * 3);
        Assert.DoesNotContain(world.Publications.Skip(published), p => p is EnginePublication.WithdrawEnvelope);
        Assert.Null(FindTrouble(world));
    }
}
