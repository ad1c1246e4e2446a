using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What status and doctor both go by: nothing that is wrong at the server reads as well, and what it refuses is named.</summary>
public sealed class TruthTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly FakeServer.Reply Html = new(200, "<!DOCTYPE html><html><body>Please log in</body></html>", ContentType: "text/html");

    public static TheoryData<string, int, string> Remnants() => new()
    {
        { "/derp/1/derc", 200, Xml.Build("DERControlList", "all=\"2\" results=\"0\"", string.Empty) },
        { "/derp/1/derc", 200, Xml.Build("DERControlList", "all=\"1\" results=\"1\"", "<DERControl href=\"/x\"><interval/></DERControl>") },
        { "/edev/1/fsa/1/derp", 200, Xml.Build("DERProgramList", "all=\"1\" results=\"1\"", "<DERProgram href=\"/derp/1\"><mRID>A1</mRID><primacy>1</primacy></DERProgram>") },
        { "/edev/1/fsa/1/derp", 200, Xml.Build("DERProgramList", "all=\"0\" results=\"0\"", string.Empty) },
        { "/derp/1/dderc", 400, string.Empty },
        { "/derp/1/dderc", 401, string.Empty },
        { "/derp/1/dderc", 403, string.Empty },
        { "/derp/1/dderc", 404, string.Empty },
        { "/derp/1/dderc", 405, string.Empty },
        { "/derp/1/dderc", 410, string.Empty },
        { "/derp/1/dderc", 500, string.Empty },
        { "/tm", 500, string.Empty },
        { "/tm", 403, string.Empty },
        { "/tm", 200, "<html/>" },
    };

    [Theory]
    [MemberData(nameof(Remnants))]
    public void It_is_named_at_once_and_also_where_all_was_well_before(string path, int status, string body)
    {
        foreach (var isLater in new[] { false, true })
        {
            var world = new World().WithTree(60);
            if (isLater)
            {
                world.Run(Minute * 2);
                Assert.Null(FindTrouble(world));
            }

            var right = world.Server.Resources[path];
            world.Server.Status(path, status, body);
            world.Run(Minute * 17);
            var trouble = FindTrouble(world);
            Assert.NotNull(trouble);
            Assert.Contains(path == "/edev/1/fsa/1/derp" ? string.Empty : path, trouble.Reason, StringComparison.Ordinal);
            world.Server.On(path, right);
            world.Run(Minute * 16);
            Assert.Null(FindTrouble(world));
        }
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(200, true)]
    [InlineData(400, false)]
    public void An_NMI_that_is_not_taken_is_named(int status, bool isWebPage)
    {
        var world = new World(World.Usual with { Nmi = "6001234567" }).WithTree(60);
        world.Server.On("/edev/1/cp", _ => isWebPage ? Html : new FakeServer.Reply(status, string.Empty));
        world.Run(Minute * 5);
        Assert.Contains("NMI", FindTrouble(world)!.Reason, StringComparison.Ordinal);
        world.Server.Status("/edev/1/cp", 204);
        world.Run(Minute * 5);
        Assert.Null(FindTrouble(world));
    }

    public static TheoryData<string, string, int> Refusals()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var (method, path) in new[] { ("POST", "/rsp"), ("GET", "/mup"), ("POST", "/mup"), ("PUT", "/edev/1/der/1/dercap"), ("PUT", "/edev/1/der/1/ders"), ("GET", "/edev/1/der") })
        {
            foreach (var status in new[] { 403, 404, 500, 200 })
            {
                data.Add(method, path, status);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_the_server_does_not_take_is_named_and_told_while_the_limits_are_followed(string method, string path, int status)
    {
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000 } }).WithTree(60);
        var right = world.Server.Resources[path];
        world.Server.On(path, asked => asked.Method != method ? right(asked) : status == 200 ? Html : new FakeServer.Reply(status, string.Empty));
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, 700)]);
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, NetPowerW = 100 })]));
        world.Run(Minute * 6);

        var usability = Usability.For(world.Config, world.State);
        Assert.NotEmpty(usability.Refused);
        Assert.Null(usability.Entrance);
        Assert.Empty(usability.Devices);
        Assert.Contains(world.Notes, n => n.Level >= NoteLevel.Warning);
        Assert.Equal(700, world.StrictestExportNow());
    }

    private static ServerTrouble? FindTrouble(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return usability.Entrance ?? usability.Devices.Values.FirstOrDefault();
    }
}
