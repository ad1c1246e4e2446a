using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Lists come in pages, and some servers lie about them.</summary>
public sealed class PagingTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Every_list_is_asked_for_with_start_and_length()
    {
        var world = new World().WithTree().Run(Minute);

        Assert.All(world.Server.Requests.Where(r => r.Method == "GET" && r.Path is "/edev" or "/edev/1/fsa" or "/edev/1/fsa/1/derp" or "/derp/1/derc" or "/edev/1/der" or "/mup"),
            r => Assert.True(r.Method != "GET" || (r.From == 0 && r.Count == 255), r.Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(255)]
    public void A_list_is_read_to_its_end_whatever_the_page(int size)
    {
        var world = new World(World.Usual with { Polling = new DerPolling { PageSize = size } }).WithTree();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
            [.. Enumerable.Range(0, 7).Select(i => Xml.Control($"C{i}", World.Start + (Duration.FromHours(1) * (i + 1)), 600, 100 * i))]);
        world.Run(Minute);

        Assert.Equal(7, Controls(world).Count);
        Assert.Equal((7 + size - 1) / size, world.Server.Gets.Count(p => p == "/derp/1/derc"));
    }

    [Fact]
    public void A_server_that_promises_more_than_it_gives_ends_the_reading_and_loses_nothing()
    {
        var world = new World().WithTree(pollRate: 60);
        world.Run(Minute);
        world.Server.On("/edev/1/fsa/1/derp", asked => new FakeServer.Reply(200, Xml.Build("DERProgramList", $"all=\"9\" results=\"{(asked.From == 0 ? 1 : 0)}\" pollRate=\"60\"",
            asked.From == 0 ? Xml.Program("/derp/2", "B1", 2) : string.Empty)));
        world.Run(Minute * 2);

        Assert.Contains(world.Notes, n => n.Class == ErrorClass.ListInconsistent);
        Assert.Equal(["B1", "A1"], Programs(world));
    }

    [Fact]
    public void A_page_that_repeats_the_one_before_ends_the_reading_with_what_was_known()
    {
        // hostile S5-071
        var world = new World(World.Usual with { Polling = new DerPolling { PageSize = 2 } }).WithTree(pollRate: 60);
        world.Run(Minute);
        var page = Xml.Program("/derp/2", "B1", 2) + Xml.Program("/derp/3", "B2", 3);
        world.Server.On("/edev/1/fsa/1/derp", _ => new FakeServer.Reply(200, Xml.Build("DERProgramList", "all=\"8\" results=\"2\" pollRate=\"60\"", page)));
        var before = world.Server.Requests.Count(r => r.Path == "/edev/1/fsa/1/derp");
        world.Run(Minute);

        Assert.Contains(world.Notes, n => n.Class == ErrorClass.LoopDetected);
        Assert.Equal(["A1"], Programs(world));
        Assert.InRange(world.Server.Requests.Count(r => r.Path == "/edev/1/fsa/1/derp") - before, 1, 4);
    }

    [Fact]
    public void A_list_that_grows_with_each_page_is_given_up()
    {
        // hostile S5-070
        var world = new World(World.Usual with { Polling = new DerPolling { PageSize = 1 } }).WithTree();
        world.Server.On("/derp/1/derc", asked => new FakeServer.Reply(200, Xml.Build("DERControlList", $"all=\"{asked.From + 2}\" results=\"1\"",
            Xml.Control(string.Create(CultureInfo.InvariantCulture, $"C{asked.From:D4}"), World.Start + Duration.FromHours(1), 60, 1))));
        world.Run(Minute);

        Assert.Contains(world.Notes, n => n.Class == ErrorClass.LoopDetected);
        Assert.InRange(world.Server.Gets.Count(p => p == "/derp/1/derc"), 2, 20);
        Assert.Empty(Controls(world));
    }

    [Theory]
    [InlineData("all=\"1\" results=\"2\"")]
    [InlineData("all=\"0\" results=\"1\"")]
    [InlineData("all=\"5\" results=\"0\"")]
    public void Counts_that_contradict_the_items_leave_the_last_good_list_in_force(string counts)
    {
        // hostile S5-018
        var world = new World().WithTree(pollRate: 60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 6000, 700)]);
        world.Run(Minute * 2);
        Assert.Contains(world.Envelope!.Segments, s => s.Limits.ExportLimitW == 700);
        var published = world.Publications.Count;

        world.Server.Put("/derp/1/derc", Xml.Build("DERControlList", counts, Xml.Control("C9", World.Start + Minute, 60, 9999)));
        world.Run(Minute * 3);

        Assert.Equal(published, world.Publications.Count);
        Assert.Contains(world.Notes, n => n.Class == ErrorClass.ListInconsistent);
    }

    [Fact]
    public void A_list_shorter_than_a_running_event_ends_it_not()
    {
        // hostile S5-075
        var world = new World().WithTree(pollRate: 60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 3600, 700)]);
        world.Run(Minute * 2);
        world.Server.Status("/derp/1/derc", 404);
        world.Run(Minute * 10);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => []);
        world.Run(Minute * 10);

        Assert.Equal(700, LimitNow(world));
    }

    internal static long? LimitNow(World world) =>
        world.Envelope?.Segments.FirstOrDefault(s => s.From <= world.Now && (s.Until is null || world.Now < s.Until))?.Limits.ExportLimitW;

    internal static IReadOnlyList<string> Programs(World world) =>
        [.. world.State.Nodes.Values.Select(n => n.Known).OfType<DerProgramList>().SelectMany(l => l.Readable).Select(p => p.MRid)];

    private static List<DerControl> Controls(World world) =>
        [.. world.State.Nodes.Values.Select(n => n.Known).OfType<DerControlList>().SelectMany(l => l.Readable)];
}
