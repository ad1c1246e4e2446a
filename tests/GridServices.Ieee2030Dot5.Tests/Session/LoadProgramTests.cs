using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Tests.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Session;

/// <summary>Demand response of a server that moves, fails, forgets and delays: what is in force stays so, and what is new is taken.</summary>
public sealed class LoadProgramTests
{
    private const string Assignments = "/edev/1/fsa";
    private const string Elsewhere = "/v2/drp";
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly DerLoadControl Usual = new() { ReferenceW = 10_000 };

    [Fact]
    public void A_policy_that_goes_while_a_control_lies_ahead_leaves_a_client_that_works()
    {
        var world = Followed(World.Start + (Minute * 30), 3600);
        Put(world, c => c with { LoadControl = null });
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + (Minute * 40), 3600, 700)]);
        world.Run(Minute * 45);
        Assert.Equal(700, world.StrictestExportNow());
        Assert.Null(ImportNow(world));
    }

    [Theory]
    [MemberData(nameof(MovedTreeTests.Unreadable), MemberType = typeof(MovedTreeTests))]
    public void A_list_of_programs_that_moves_to_what_can_not_be_read_frees_nobody_and_says_so(string how)
    {
        var world = Followed(World.Start, 7200);
        world.Server.On(Elsewhere, _ => MovedTreeTests.Reply(how));
        Assign(world, Elsewhere);
        Holds(world, Minute * 5);
        Assert.Contains("program", Usability.Of(world.Config, world.State).Devices.Values.Single().Reason, StringComparison.Ordinal);
        Holds(world.Restart(), Minute * 3);

        world.Server.List(Elsewhere, "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(1)]);
        Holds(world, Minute * 3);
        Assert.Empty(Usability.Of(world.Config, world.State).Devices);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    public void A_list_of_programs_that_moves_and_shows_nothing_at_first_frees_nobody(int all, int results)
    {
        var world = Followed(World.Start, 7200);
        world.Server.Put(Elsewhere, Xml.Of("DemandResponseProgramList", $"all=\"{all}\" results=\"{results}\" pollRate=\"60\"", string.Empty));
        Assign(world, Elsewhere);
        while (!world.Server.Gets.Contains(Elsewhere))
        {
            Holds(world, Duration.FromSeconds(1));
        }

        Holds(world, Duration.FromSeconds(25));
        world.Server.List(Elsewhere, "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(1)]);
        Holds(world, Minute * 5);
    }

    [Fact]
    public void Programs_that_the_new_place_lacks_end_once_that_is_confirmed()
    {
        var world = Followed(World.Start, 7200);
        world.Server.List(Elsewhere, "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(2)]);
        world.Server.List("/drp/2/edc", "EndDeviceControlList", string.Empty, () => []);
        Assign(world, Elsewhere);
        world.Run(Minute * 5);
        Assert.Null(ImportNow(world));
        Assert.Empty(world.State.Line.Missed);
    }

    [Fact]
    public void A_PIN_that_turns_wrong_frees_nobody()
    {
        var world = Followed(World.Start, 3600, c => c with { Pin = "111115" });
        world.Server.Put("/edev/1/rg", Xml.Registration(123455));
        Holds(world, Minute * 50);
        Assert.Contains(world.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.PinMismatch });
        world.Run(Minute * 20);
        Assert.Null(ImportNow(world));
    }

    [Fact]
    public void What_was_created_too_far_ahead_of_the_clock_is_taken_once_it_may_be()
    {
        var world = Followed(World.Start, 4 * 3600, created: World.Start + (Minute * 90));
        Assert.Null(ImportNow(world));
        world.Run(Minute * 45);
        Assert.Equal(5_000, ImportNow(world));
    }

    [Fact]
    public void A_relative_replyTo_is_relative_to_its_list()
    {
        var world = Followed(World.Start, 3600, replyTo: "rsp");
        Assert.Equal(2, world.Server.Posts("/drp/1/rsp").Count);
        Assert.DoesNotContain(world.Server.Requests, r => r.Method == "POST" && r.Path == "/rsp");
    }

    [Fact]
    public void A_renewed_certificate_goes_on_with_the_load_that_was_drawn()
    {
        var world = Loaded(World.Start + (Minute * 2), 7200, c => c with { Registration = DerRegistration.OutOfBand, LoadControl = Usual with { Reference = DerLoadReference.PresentLoad } });
        Measure(world.Run(Minute), 6_000);
        Measure(world.Run(Duration.FromSeconds(50)), 6_000);
        world.Run(Minute * 2);
        Assert.Equal(3_000, ImportNow(world));
        Put(world, c => c with { Lfdi = new string('C', 40) });
        world.Run(Minute * 3);
        Assert.Equal(3_000, ImportNow(world));
    }

    private static World Followed(Instant start, int seconds, Func<DerClientConfig, DerClientConfig>? change = null, Instant? created = null, string replyTo = "/rsp") =>
        Loaded(start, seconds, change, created, replyTo).Run(Minute * 2);

    /// <summary>The usual tree, with a program of demand response that halves the load.</summary>
    private static World Loaded(Instant start, int seconds, Func<DerClientConfig, DerClientConfig>? change = null, Instant? created = null, string replyTo = "/rsp")
    {
        var config = World.Usual with { LoadControl = Usual };
        var world = new World(change?.Invoke(config) ?? config).WithTree(60);
        Assign(world, "/drp");
        world.Server.List("/drp", "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(1)]);
        world.Server.List("/drp/1/edc", "EndDeviceControlList", string.Empty, () => [Control("E1", start, seconds, created ?? (start - Minute), replyTo)]);
        world.Server.Status("/drp/1/rsp", 201);
        return world;
    }

    private static void Assign(World world, string list) => world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
        [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp").Replace("<mRID>", $"<DemandResponseProgramListLink href=\"{list}\" all=\"1\"/><mRID>", StringComparison.Ordinal)]);

    private static string Program(int number) =>
        $"<DemandResponseProgram href=\"/drp/{number}\"><mRID>D{number}</mRID><EndDeviceControlListLink href=\"/drp/{number}/edc\" all=\"1\"/><primacy>1</primacy></DemandResponseProgram>";

    private static string Control(string mrid, Instant start, int seconds, Instant created, string replyTo) =>
        $"<EndDeviceControl href=\"/edc/{mrid}\" replyTo=\"{replyTo}\" responseRequired=\"03\"><mRID>{mrid}</mRID><version>0</version><creationTime>{created.ToUnixTimeSeconds()}</creationTime>"
        + $"<EventStatus><currentStatus>0</currentStatus><dateTime>{start.ToUnixTimeSeconds()}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        + $"<interval><duration>{seconds}</duration><start>{start.ToUnixTimeSeconds()}</start></interval><deviceCategory>FFFFFFFF</deviceCategory><drProgramMandatory>false</drProgramMandatory>"
        + "<DutyCycle><normalValue>50</normalValue></DutyCycle><loadShiftForward>false</loadShiftForward></EndDeviceControl>";

    private static void Put(World world, Func<DerClientConfig, DerClientConfig> change)
    {
        var before = world.Config;
        world.Config = change(before);
        world.Give(new DerInput.ConfigChanged(before));
    }

    private static void Measure(World world, long watts) => world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, NetPowerW = watts })]));

    private static long? ImportNow(World world) => world.Publications.GroupBy(KeyOf).Where(s => s.Key.StartsWith("drlc-", StringComparison.Ordinal)).Select(s => s.Last())
        .OfType<EnginePublication.PublishEnvelope>().SelectMany(p => p.Envelope.Segments.Where(s => s.From <= world.Now && !(s.Until <= world.Now))).Min(s => s.Limits.ImportLimitW);

    private static string KeyOf(EnginePublication publication) => publication switch
    {
        EnginePublication.PublishEnvelope p => p.Envelope.Stream.Key,
        EnginePublication.WithdrawEnvelope w => w.Withdrawal.Stream.Key,
        _ => string.Empty,
    };

    private static void Holds(World world, Duration span)
    {
        for (var left = span; left > Duration.Zero; left -= Minute)
        {
            world.Run(Duration.Min(left, Minute));
            Assert.Equal(5_000, ImportNow(world));
        }
    }
}
