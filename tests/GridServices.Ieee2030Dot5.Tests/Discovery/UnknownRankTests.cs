using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>A program whose rank can't be read holds beside the others, and the strictest counts; what it was known to be stays.</summary>
public sealed class UnknownRankTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData("<primacy>one</primacy>")]
    [InlineData("<primacy>999</primacy>")]
    [InlineData("")]
    public void Its_strictest_holds_and_it_is_named(string primacy)
    {
        foreach (var (ofIt, ofOther) in new[] { (500, 4000), (4000, 500) })
        {
            var world = Programs(primacy, ofIt, ofOther);
            world.Run(Minute * 3);
            Assert.Equal(500, world.StrictestExportNow());
            Assert.Contains("/derp/9", FindTrouble(world)!.Reason, StringComparison.Ordinal);
            Assert.Single(world.Notes, n => n.Level == NoteLevel.Alarm && n.Text.Contains("primacy", StringComparison.Ordinal));
            Assert.Equal(4, world.Server.Posts("/rsp").Count);

            world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 2), Xml.Program("/derp/9", "A9", 1)]);
            world.Run(Minute * 2);
            Assert.Equal(ofIt, world.StrictestExportNow());
            Assert.Null(FindTrouble(world));
        }
    }

    [Fact]
    public void Its_default_holds_where_its_controls_are_over()
    {
        var world = Programs("<primacy>one</primacy>", 500, 4000);
        world.Run(Duration.FromHours(2));
        Assert.Equal(1200, world.StrictestExportNow());
    }

    [Fact]
    public void A_rank_that_turns_illegible_stays_what_it_was_and_is_named()
    {
        var world = Programs("<primacy>1</primacy>", 500, 400);
        world.Run(Minute * 2);
        Assert.Equal(500, world.StrictestExportNow());
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 2), Illegible("<primacy>x</primacy>")]);
        world.Run(Minute * 3);
        Assert.Equal(500, world.StrictestExportNow());
        Assert.Contains("/derp/9", FindTrouble(world)!.Reason, StringComparison.Ordinal);
        world.Restart().Run(Minute);
        Assert.Equal(500, world.StrictestExportNow());
    }

    [Fact]
    public void An_assignment_that_cannot_be_read_is_named_and_what_it_led_to_stays()
    {
        var world = Programs("<primacy>1</primacy>", 500, 400);
        world.Run(Minute * 2);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
            ["<FunctionSetAssignments href=\"/edev/1/fsa/1\"><DERProgramListLink href=\"/edev/1/fsa/1/de rp\"/></FunctionSetAssignments>"]);
        world.Run(Minute * 3);
        Assert.Equal(500, world.StrictestExportNow());
        Assert.Contains("/edev/1/fsa", FindTrouble(world)!.Reason, StringComparison.Ordinal);
    }

    private static World Programs(string primacy, long ofIt, long ofOther)
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 2), Illegible(primacy)]);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, ofOther)]);
        world.Server.List("/derp/9/derc", "DERControlList", string.Empty, () => [Xml.Control("C9", World.Start - Minute, 3600, ofIt)]);
        world.Server.Put("/derp/9/dderc", Xml.Default("D9", 1200));
        return world;
    }

    private static string Illegible(string primacy) => Xml.Program("/derp/9", "A9", 7).Replace("<primacy>7</primacy>", primacy, StringComparison.Ordinal);

    private static ServerTrouble? FindTrouble(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return usability.Entrance ?? usability.Devices.Values.FirstOrDefault();
    }
}
