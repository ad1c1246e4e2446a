using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What leads to a program in force moves, fails or forgets: the program hangs on the device and not on addresses, and ends only where that was read whole and confirmed.</summary>
public sealed class MovedTreeTests
{
    internal const string Assignments = "/edev/1/fsa";
    internal const string Elsewhere = "/v2/derp";
    internal static readonly Duration Minute = Duration.FromMinutes(1);

    public static TheoryData<string> Unreadable() => ["503", "404", "html", "torn", "nothing"];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Assignments_that_lead_to_what_can_not_be_read_free_nobody_and_say_so(string how)
    {
        var world = Followed();
        var published = world.Publications.Count;
        world.Server.On(Elsewhere, _ => Reply(how));
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        Holds(world, 700, Minute * 4);
        var reason = FindTrouble(world)!.Reason;
        Assert.Contains(Elsewhere, reason, StringComparison.Ordinal);
        Assert.Matches("program .?A1.? said stays in force", reason);
        Assert.NotNull(WhyUnread(world));

        // Nor does a power cut: what was in force is stored.
        Holds(world.Restart(), 700, Minute * 3);
        Assert.Equal(published, world.Publications.Count);

        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        Holds(world, 700, Minute * 3);
        Assert.Null(FindTrouble(world));
        Assert.Null(WhyUnread(world));
        Assert.Equal(published, world.Publications.Count);
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_control_of_a_program_that_is_not_found_ends_in_its_own_time_and_is_answered()
    {
        var world = Followed(seconds: 600);
        world.Server.Status(Elsewhere, 503);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        world.Run(Minute * 12);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1", "2", "3"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_tighter_order_acts_at_once_beside_what_is_not_found()
    {
        var world = Followed();
        world.Server.Status(Elsewhere, 503);
        world.Server.List("/other", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "B1", 0)]);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 300));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => [Xml.Control("C9", World.Start, 3600, 200)]);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere), Xml.Fsa("/edev/1/fsa/2", "F2", "/other")]);
        world.Run(Minute * 2);
        Assert.Equal(200, world.StrictestExportNow());
        Assert.Contains(world.State.Devices.Values.Single().Schedule.Programs, p => p.Key == "A1");
    }

    [Fact]
    public void What_the_new_place_lacks_ends_once_every_reading_over_30_seconds_has_said_so()
    {
        var world = Followed(pollRate: 900);
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"900\"", () => [Xml.Program("/derp/2", "A2", 9)]);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 9000));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"900\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        Until(world, () => world.Server.Gets.Contains("/derp/2/derc"));
        Holds(world, 700, Duration.FromSeconds(25));
        Assert.Contains("lack", FindTrouble(world)!.Reason, StringComparison.Ordinal);

        world.Run(Duration.FromSeconds(15));
        Assert.Equal(9000, world.StrictestExportNow());
        Assert.Null(FindTrouble(world));
    }

    [Fact]
    public void What_comes_with_a_default_that_can_not_be_read_replaces_nothing_yet()
    {
        var world = Followed();
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "A2", 9)]);
        world.Server.Status("/derp/2/dderc", 503);
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        Holds(world, 700, Minute * 5);
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void A_default_that_moves_to_what_can_not_be_read_holds_on(string how)
    {
        var world = new World().WithTree(60).Run(Minute);
        world.Server.On("/elsewhere/dderc", _ => Reply(how));
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () =>
            [Xml.Program("/derp/1", "A1", 1).Replace("/derp/1/dderc", "/elsewhere/dderc", StringComparison.Ordinal)]);
        Holds(world, 1500, Minute * 5);
        Holds(world.Restart(), 1500, Minute);

        world.Server.Put("/elsewhere/dderc", Xml.Default("D1", 1200));
        world.Run(Minute * 3);
        Assert.Equal(1200, world.StrictestExportNow());
    }

    [Fact]
    public void A_default_that_the_new_place_does_not_link_ends_after_30_seconds()
    {
        var world = new World().WithTree(900).Run(Minute);
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"900\"", () =>
            ["<DERProgram href=\"/derp/1\"><mRID>A1</mRID><DERControlListLink href=\"/derp/1/derc\" all=\"1\"/><primacy>1</primacy></DERProgram>"]);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"900\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", Elsewhere)]);
        Until(world, () => world.Server.Gets.Contains(Elsewhere));
        Holds(world, 1500, Duration.FromSeconds(25));
        world.Run(Duration.FromSeconds(15));
        Assert.Null(world.StrictestExportNow());
    }

    [Fact]
    public void A_server_that_loses_its_way_in_and_then_errs_once_more_frees_nobody()
    {
        var world = Followed(World.Usual with { ServerUrl = "https://utility.example", Edition = null }, seconds: null);
        var (dcap, fsa) = (world.Server.Resources["/dcap"], world.Server.Resources[Assignments]);
        var (entries, assigned) = (0, 0);
        world.Server.On("/dcap", a => entries++ == 0 ? new FakeServer.Reply(404, string.Empty) : dcap(a));
        world.Server.On(Assignments, a => assigned++ == 0 ? Empty("FunctionSetAssignmentsList") : fsa(a));
        world.Server.Status("/derp/1/dderc", 503);
        Holds(world, 1500, Minute * 5);
        Assert.True(entries > 1 && assigned > 1, $"{entries} {assigned}");
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public void An_entry_that_refuses_is_asked_ever_more_seldom_and_followed_to_where_it_moves(int status)
    {
        var world = Followed(World.Usual with { ServerUrl = "https://utility.example", Edition = null });
        var dcap = world.Server.Resources["/dcap"];
        world.Server.Status("/dcap", status);
        var before = world.Server.Requests.Count(r => r.Path is "/dcap" or "/.well-known/csipaus");
        Holds(world, 700, Minute * 10);
        Assert.InRange(world.Server.Requests.Count(r => r.Path is "/dcap" or "/.well-known/csipaus") - before, 10, 45);
        Assert.Contains("/dcap", FindTrouble(world)!.Reason, StringComparison.Ordinal);

        world.Server.Resources["/v2/dcap"] = dcap;
        world.Server.On("/.well-known/csipaus", _ => new FakeServer.Reply(200, """{ "supportedSchemaVersions": { "https://csipaus.org/ns/v1.2": { "dcap": ["/v2/dcap"] } } }""", ContentType: "application/json"));
        Holds(world, 700, Minute * 3);
        Assert.Null(FindTrouble(world));
        Assert.Equal("/v2/dcap", world.State.Entry);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tree_that_moves_whole_is_followed_and_what_it_orders_then_acts(bool withEntry)
    {
        var world = Followed(World.Usual with { ServerUrl = "https://utility.example", Edition = null });
        var orders = new List<string> { Xml.Control("C1", World.Start - Minute, 7200, 700) };
        world.Server.List("/v2/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/v2/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/v2/edev/1"))]);
        world.Server.List("/v2/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/v2/edev/1/fsa/1", "F1", Elsewhere)]);
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/v2/derp/1", "A1", 1)]);
        world.Server.Put("/v2/derp/1/dderc", Xml.Default("D1", 1500));
        world.Server.List("/v2/derp/1/derc", "DERControlList", string.Empty, () => [.. orders]);
        var entry = withEntry ? "/v2/dcap" : "/dcap";
        world.Server.Put(entry, Xml.DeviceCapability("<TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/v2/edev\" all=\"1\"/>", 60));
        if (withEntry)
        {
            world.Server.Status("/dcap", 404);
            world.Server.On("/.well-known/csipaus", _ => new FakeServer.Reply(200, """{ "supportedSchemaVersions": { "https://csipaus.org/ns/v1.2": { "dcap": ["/v2/dcap"] } } }""", ContentType: "application/json"));
        }

        foreach (var gone in world.Server.Resources.Keys.Where(k => k.StartsWith("/edev", StringComparison.Ordinal) || k.StartsWith("/derp", StringComparison.Ordinal)).ToList())
        {
            world.Server.Status(gone, 404);
        }

        Holds(world, 700, Minute * 5);
        Assert.Contains("/v2/derp/1/derc", world.Server.Gets);
        orders.Add(Xml.Control("C2", world.Now, 600, 100));
        world.Run(Minute * 2);
        Assert.Equal(100, world.StrictestExportNow());
        orders[1] = orders[1].Replace("<currentStatus>1<", "<currentStatus>2<", StringComparison.Ordinal).Replace("<currentStatus>0<", "<currentStatus>2<", StringComparison.Ordinal);
        world.Run(Minute * 2);
        Assert.Equal(1500, world.StrictestExportNow());
    }

    [Theory]
    [InlineData("/dcap", "<DeviceCapability xmlns=\"urn:ieee:std:2030.5:ns\" href=\"/dcap\"><TimeLink href=\"/tm\"/></DeviceCapability>")]
    [InlineData("/edev", null)]
    public void A_tree_that_was_lost_for_a_reading_is_not_judged_by_its_first_words(string path, string? lapse)
    {
        var world = Followed(seconds: null);
        var (right, asked) = (world.Server.Resources[path], 0);
        lapse ??= Xml.Build("EndDeviceList", "all=\"1\" results=\"1\"", Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, string.Empty));
        world.Server.On(path, a => asked++ == 0 ? new FakeServer.Reply(200, lapse) : right(a));
        world.Server.Status("/derp/1/dderc", 503);
        Holds(world, 1500, Minute * 5);
    }

    [Fact]
    public void A_program_whose_name_turns_illegible_is_the_same_program()
    {
        var controls = new List<string>();
        var world = Followed(controls: controls);
        var (right, asked) = (world.Server.Resources["/edev/1/fsa/1/derp"], 0);
        var published = world.Publications.Count;
        controls.Clear();
        world.Server.On("/edev/1/fsa/1/derp", a => asked++ < 3
            ? new FakeServer.Reply(200, Xml.Build("DERProgramList", "all=\"1\" results=\"1\" pollRate=\"60\"", Xml.Program("/derp/1", "A1-x", 1))) : right(a));
        Holds(world, 700, Minute * 6);
        Assert.True(asked > 3);
        Assert.Equal(published, world.Publications.Count);
    }

    [Fact]
    public void Programs_that_are_never_found_again_are_kept_within_bounds_and_those_that_hold_something_longest()
    {
        var world = Followed();
        var generation = 0;
        world.Server.Status("/broken", 503);
        world.Server.List(Elsewhere, "DERProgramList", "pollRate=\"60\"", () => [.. Enumerable.Range(0, 200).Select(i =>
            $"<DERProgram href=\"/p/{generation}/{i}\"><mRID>{generation:X4}{i:X4}</mRID><DERControlListLink href=\"/none\" all=\"0\"/><primacy>9</primacy></DERProgram>")]);
        world.Server.List("/none", "DERControlList", string.Empty, () => []);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/2", "F2", "/broken"), Xml.Fsa($"/edev/1/fsa/1{generation}", $"F1{generation}", $"{Elsewhere}?g={generation}")]);
        for (; generation < 5; generation++)
        {
            Holds(world, 700, Minute * 2);
        }

        Assert.InRange(world.State.Devices.Values.Single().Schedule.Programs.Count, 256, 256 + 200);
    }

    /// <summary>A control of 700 W over a default of 1,500 W, everything well; without a control where <paramref name="seconds"/> is null.</summary>
    internal static World Followed(DerClientConfig? config = null, int pollRate = 60, int? seconds = 7200, List<string>? controls = null)
    {
        var world = new World(config).WithTree(pollRate);
        world.Server.On("/.well-known/csipaus", _ => new FakeServer.Reply(200, """{ "supportedSchemaVersions": { "https://csipaus.org/ns/v1.2": { "dcap": ["/dcap"] } } }""", ContentType: "application/json"));
        controls ??= [];
        controls.AddRange(seconds is { } length ? [Xml.Control("C1", World.Start - Minute, length, 700)] : []);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [.. controls]);
        world.Run(Minute);
        Assert.Equal(seconds is null ? 1500 : 700, world.StrictestExportNow());
        return world;
    }

    internal static FakeServer.Reply Reply(string how) => how switch
    {
        "html" => new(200, "<html><body>Please log in</body></html>", ContentType: "text/html"),
        "torn" => new(200, "<DERProgramList"),
        "nothing" => new(0, string.Empty),
        var status => new(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), string.Empty),
    };

    internal static FakeServer.Reply Empty(string list) => new(200, Xml.Build(list, "all=\"0\" results=\"0\" pollRate=\"60\"", string.Empty));

    internal static void Until(World world, Func<bool> done)
    {
        for (var second = 0; !done(); second++)
        {
            Assert.True(second < 1000, "it does not come to that");
            Holds(world, 1500, Duration.FromSeconds(1));
        }
    }

    internal static void Holds(World world, long limit, Duration span)
    {
        for (var second = 0; second < span.TotalSeconds; second++)
        {
            world.Run(Duration.FromSeconds(1));
            Assert.True(world.StrictestExportNow() <= limit, $"{world.Now}: {world.StrictestExportNow()} W and not {limit} W");
        }
    }

    private static string? WhyUnread(World world) => TreeReading.FindUnreadReason(world.Config, world.State, FakeServer.Lfdi);

    internal static ServerTrouble? FindTrouble(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return usability.Entrance ?? usability.Devices.Values.FirstOrDefault();
    }
}
