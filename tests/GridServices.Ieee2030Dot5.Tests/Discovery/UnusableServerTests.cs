using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Something that answers is not yet a utility: what can't be used is named, asked for again soon, and frees nobody.</summary>
public sealed class UnusableServerTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Dictionary<string, FakeServer.Reply> Answers = new(StringComparer.Ordinal)
    {
        ["html"] = new(200, "<!DOCTYPE html><html><body>Please log in</body></html>", ContentType: "text/html"),
        ["html as xml"] = new(200, "<html><body>Please log in</body></html>"),
        ["401"] = new(401, string.Empty),
        ["403"] = new(403, string.Empty),
        ["404"] = new(404, string.Empty),
        ["405"] = new(405, string.Empty),
        ["exi"] = new(200, "$EXI", ContentType: "application/sep-exi"),
        ["trailing nul"] = new(200, Xml.DeviceCapability("<EndDeviceListLink href=\"/edev\" all=\"1\"/>") + "\0"),
        ["wrong root"] = new(200, Xml.Time(World.Start)),
        ["empty"] = new(200, string.Empty),
        ["204"] = new(204, string.Empty),
    };

    public static TheoryData<string, string> Everywhere()
    {
        var data = new TheoryData<string, string>();
        foreach (var answer in Answers.Keys)
        {
            foreach (var path in new[] { "/dcap", "/edev", "/edev/1/fsa", "/edev/1/fsa/1/derp", "/derp/1/derc" })
            {
                data.Add(path, answer);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public void It_is_no_server_that_can_be_followed_until_it_answers_right_and_is_asked_soon(string path, string answer)
    {
        var world = new World().WithTree(900);
        var right = world.Server.Resources[path];
        world.Server.On(path, _ => Answers[answer]);
        world.Run(Minute * 10);

        var trouble = FindTrouble(world);
        Assert.NotNull(trouble);
        Assert.Contains(path, trouble.Reason, StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(trouble.Advice));
        var gaps = world.Server.GetTimes(path).Zip(world.Server.GetTimes(path).Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.InRange(gaps[0], 0.8, 1.3);
        Assert.All(gaps, g => Assert.InRange(g, 0.8, 67));
        Assert.InRange(gaps.Count, 8, 20);
        Assert.True(gaps.Skip(7).Select(g => Math.Round(g, 2)).Distinct().Count() > 1, "no jitter");

        world.Server.On(path, right);
        world.Run(Minute * 2);
        Assert.Null(FindTrouble(world));
        Assert.NotNull(world.Envelope);
    }

    [Theory]
    [InlineData("401", ErrorClass.AuthnRequired)]
    [InlineData("403", ErrorClass.AuthzLfdi)]
    [InlineData("404", ErrorClass.NotFound)]
    [InlineData("405", ErrorClass.Method)]
    public void A_refusal_is_classed_as_what_it_is(string answer, ErrorClass expected)
    {
        var world = new World().WithTree(900);
        world.Server.On("/edev", _ => Answers[answer]);
        world.Run(Minute);
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ResourceMissing && n.Class == expected);
    }

    [Fact]
    public void A_server_whose_entrance_is_a_login_page_counts_as_not_heard()
    {
        var world = new World().WithTree(300);
        world.Run(Minute);
        Assert.Null(world.State.Line.LostSince);

        foreach (var path in world.Server.Resources.Keys.ToList())
        {
            world.Server.On(path, _ => Answers["html"]);
        }

        world.Run(Minute * 20);
        Assert.NotNull(world.State.Line.LostSince);
        Assert.Equal(1500, PagingTests.LimitNow(world));
    }

    [Fact]
    public void What_was_followed_before_stays_in_force()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 7200, 700)]);
        world.Run(Minute);
        world.Server.Status("/edev", 403);
        world.Server.Status("/derp/1/derc", 403);
        world.Run(Minute * 30);
        Assert.NotNull(FindTrouble(world));
        Assert.Equal(700, PagingTests.LimitNow(world));
    }

    [Fact]
    public void A_response_that_a_captive_portal_swallowed_is_sent_again()
    {
        var world = new World().WithTree(60);
        world.Server.On("/rsp", _ => Answers["html"]);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 7200, 700)]);
        world.Run(Minute);
        var swallowed = world.Server.Posts("/rsp").Count;
        world.Server.Status("/rsp", 201);
        world.Run(Minute * 2);
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Skip(swallowed).Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void An_EndDevice_without_assignments_or_programs_is_nothing_to_follow_yet()
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, string.Empty)]);
        world.Run(Minute);
        Assert.Contains("FunctionSetAssignmentsListLink", FindTrouble(world)!.Reason, StringComparison.Ordinal);

        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1"))]);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => []);
        world.Run(Minute * 2);
        Assert.Contains("no program", FindTrouble(world)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_the_server_does_not_list_or_refuses_to_register_is_named()
    {
        foreach (var registration in new[] { DerRegistration.OutOfBand, DerRegistration.InBand })
        {
            var world = new World(World.Usual with { Registration = registration }).WithTree(60);
            var list = world.Server.Resources["/edev"];
            world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => []);
            list = world.Server.Resources["/edev"];
            world.Server.On("/edev", asked => asked.Method == "GET" ? list(asked) : new FakeServer.Reply(403, Xml.Error(1, "not on the list")));
            world.Run(Minute * 3);
            Assert.Contains(FakeServer.Lfdi, FindTrouble(world)!.Reason, StringComparison.Ordinal);
            Assert.Equal(registration == DerRegistration.InBand, FindTrouble(world)!.Reason.Contains("not on the list", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_refused_NMI_is_named_and_put_again_until_it_is_taken()
    {
        var world = new World(World.Usual with { Nmi = "6001234567" }).WithTree(60);
        world.Server.On("/edev/1/cp", _ => new FakeServer.Reply(400, Xml.Error(1, "unknown NMI")));
        world.Run(Minute * 5);
        Assert.Contains("unknown NMI", FindTrouble(world)!.Reason, StringComparison.Ordinal);
        Assert.InRange(world.Server.Posts("/edev/1/cp").Count, 3, 4);

        world.Server.Status("/edev/1/cp", 204);
        world.Run(Minute * 5);
        Assert.Null(FindTrouble(world));
    }

    [Fact]
    public void A_registration_that_is_missing_leaves_the_PIN_uncompared_and_says_so()
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.Status("/edev/1/rg", 404);
        world.Run(Minute);
        Assert.Contains("PIN", FindTrouble(world)!.Advice, StringComparison.Ordinal);
        Assert.NotNull(world.Envelope);
    }

    private static ServerTrouble? FindTrouble(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return usability.Entrance ?? usability.Devices.Values.FirstOrDefault();
    }
}
