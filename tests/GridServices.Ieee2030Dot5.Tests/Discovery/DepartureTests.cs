using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What a list lacks all of a sudden ends only once that is confirmed; what leads nowhere is asked for again soon.</summary>
public sealed class DepartureTests
{
    private const string NoLink = "<FunctionSetAssignments href=\"/edev/1/fsa/1\"><mRID>F1</mRID></FunctionSetAssignments>";
    private static readonly Duration Minute = Duration.FromMinutes(1);

    /// <summary>Answers that are right in form and of which nothing can be followed, by the path that gives them.</summary>
    private static readonly Dictionary<string, (string Path, string Body)> Insufficient = new(StringComparer.Ordinal)
    {
        ["no assignment"] = ("/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"0\" results=\"0\"", string.Empty)),
        ["assignment without programs"] = ("/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"1\" results=\"1\"", NoLink)),
        ["no program"] = ("/edev/1/fsa/1/derp", Xml.Build("DERProgramList", "all=\"0\" results=\"0\"", string.Empty)),
        ["device without assignments"] = ("/edev", Xml.Build("EndDeviceList", "all=\"1\" results=\"1\"", Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, string.Empty))),
        ["devices promised"] = ("/edev", Xml.Build("EndDeviceList", "all=\"1\" results=\"0\"", string.Empty)),
        ["no device"] = ("/edev", Xml.Build("EndDeviceList", "all=\"0\" results=\"0\"", string.Empty)),
        ["no way in"] = ("/dcap", Xml.Build("DeviceCapability", "href=\"/dcap\"", "<TimeLink href=\"/tm\"/>")),
        ["controls promised"] = ("/derp/1/derc", Xml.Build("DERControlList", "all=\"2\" results=\"0\"", string.Empty)),
    };

    public static TheoryData<string> Kinds() => [.. Insufficient.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_leads_nowhere_is_named_and_asked_for_again_soon(string kind)
    {
        var world = new World(World.Usual with { Registration = DerRegistration.OutOfBand }).WithTree(900);
        var (path, body) = Insufficient[kind];
        var right = world.Server.Resources[path];
        world.Server.Put(path, body);
        world.Run(Minute * 10);
        Assert.NotNull(FindTrouble(world));
        var gaps = world.Server.GetTimes(path).Zip(world.Server.GetTimes(path).Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.InRange(gaps[0], 0.8, 1.3);
        Assert.All(gaps, g => Assert.InRange(g, 0.8, 67));
        Assert.InRange(gaps.Count, 8, 20);

        world.Server.On(path, right);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 3600, 700)]);
        world.Run(Minute * 2);
        Assert.Null(FindTrouble(world));
        Assert.NotNull(world.Envelope);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_wrong_answer_at_the_start_costs_no_more_than_seconds(string kind)
    {
        var world = new World(World.Usual with { Registration = DerRegistration.OutOfBand }).WithTree(900);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, 700)]);
        var (path, body) = Insufficient[kind];
        var (right, asked) = (world.Server.Resources[path], 0);
        world.Server.On(path, a => asked++ == 0 ? new FakeServer.Reply(200, body) : right(a));
        world.Run(Duration.FromSeconds(5));
        Assert.Equal(700, PagingTests.LimitNow(world));
    }

    public static TheoryData<string, string> Lapses() => new()
    {
        { "/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"0\" results=\"0\"", string.Empty) },
        { "/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"1\" results=\"1\"", NoLink) },
        { "/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"1\" results=\"1\"", Xml.Fsa("/edev/1/fsa/9", "F9", "/other/derp")) },
        { "/edev/1/fsa/1/derp", Xml.Build("DERProgramList", "all=\"1\" results=\"1\"", Xml.Program("/derp/2", "A2", 9)) },
        { "/edev/1/fsa/1/derp", Xml.Build("DERProgramList", "all=\"1\" results=\"1\"", "<DERProgram href=\"/derp/1\"><mRID>A1</mRID><primacy>1</primacy></DERProgram>") },
    };

    [Theory]
    [MemberData(nameof(Lapses))]
    public void A_lapse_of_seconds_ends_nothing_is_named_and_hides_no_new_control(string path, string lapse)
    {
        var world = new World().WithTree(900);
        var controls = new List<string> { Xml.Control("C1", World.Start - Minute, 7200, 700) };
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => controls);
        world.Run(Minute * 14);
        var right = world.Server.Resources[path];
        world.Server.Put(path, lapse);
        var before = world.Server.GetTimes(path).Count;
        while (world.Server.GetTimes(path).Count == before)
        {
            world.Run(Duration.FromSeconds(1));
        }

        for (var second = 0; second < 20; second++)
        {
            Assert.Equal(700, world.StrictestExportNow());
            Assert.Contains(path, FindTrouble(world)!.Reason, StringComparison.Ordinal);
            world.Run(Duration.FromSeconds(1));
        }

        world.Server.On(path, right);
        controls.Add(Xml.Control("C2", world.Now, 3600, 500));
        world.Run(Minute);
        Assert.Null(FindTrouble(world));
        Assert.Equal(700, world.StrictestExportNow());
        world.Run(Minute * 16);
        Assert.Equal(500, world.StrictestExportNow());
    }

    [Fact]
    public void What_stays_away_ends_within_a_minute()
    {
        // CSIP-AUS P-02
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 7200, 700)]);
        world.Run(Minute);
        world.Server.Put("/edev/1/fsa", Xml.Build("FunctionSetAssignmentsList", "all=\"0\" results=\"0\"", string.Empty));
        var before = world.Server.GetTimes("/edev/1/fsa").Count;
        world.Run(Minute + Duration.FromSeconds(35));
        Assert.Null(world.StrictestExportNow());
        Assert.True(world.Server.GetTimes("/edev/1/fsa").Count >= before + 3);
    }

    private static ServerTrouble? FindTrouble(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return usability.Entrance ?? usability.Devices.Values.FirstOrDefault();
    }
}
