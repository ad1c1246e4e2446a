using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Function set assignments with a Time of their own: what they assign happens by that clock, and by no other.</summary>
public sealed class AssignmentTimeTests
{
    private const string Assignments = "/edev/1/fsa";
    private const string Time = "/tm2";
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(300)]
    [InlineData(-300)]
    [InlineData(0)]
    public void Controls_happen_at_the_time_of_their_assignment_and_those_of_others_at_the_servers(int ahead)
    {
        var world = Timed(() => Duration.FromSeconds(ahead), World.Start + (Minute * 10), 600);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment(Time), Xml.Fsa("/edev/1/fsa/2", "F2", "/edev/1/fsa/2/derp")]);
        world.Server.List("/edev/1/fsa/2/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "A2", 2)]);
        world.Server.Status("/derp/2/dderc", 404);
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => [Xml.Control("C2", World.Start + (Minute * 40), 600, 400)]);
        var begins = World.Start + (Minute * 10) - Duration.FromSeconds(ahead);
        world.Run(begins - World.Start - Duration.FromSeconds(5));
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1"], GetStatuses(world, "C1"));
        world.Run(Duration.FromSeconds(10));
        Assert.Equal(700, world.StrictestExportNow());
        world.Run(Minute * 11);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1", "2", "3"], GetStatuses(world, "C1"));

        world.Run(World.Start + (Minute * 40) - world.Now - Duration.FromSeconds(5));
        Assert.Equal(1500, world.StrictestExportNow());
        world.Run(Duration.FromSeconds(10));
        Assert.Equal(400, world.StrictestExportNow());
        Assert.DoesNotContain(world.Notes, n => n.Class is ErrorClass.SeqConflict or ErrorClass.SeqRegression);
    }

    [Fact]
    public void A_link_to_the_servers_own_time_is_no_other_clock()
    {
        var world = Timed(() => Duration.Zero, World.Start, 600);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment("/tm")]);
        world.Run(Minute * 3);
        Assert.Empty(world.State.AssignmentClocks);
        Assert.DoesNotContain(world.State.Nodes.Values, n => n.Kind == NodeKind.AssignmentTime);
        Assert.Equal(700, world.StrictestExportNow());
    }

    [Theory]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("503")]
    [InlineData("foreign")]
    [InlineData("never set")]
    public void While_it_is_not_known_nothing_is_judged_and_the_strictest_of_what_could_hold_does(string how)
    {
        // By either clock it is to come; by one that nobody knows it may be now.
        var world = Timed(() => Duration.Zero, World.Start + (Minute * 90), 600);
        var good = world.Server.Resources[Time];
        if (how == "foreign")
        {
            world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment("https://elsewhere.example/tm")]);
        }
        else if (how == "never set")
        {
            world.Server.Put(Time, Xml.Time(Instant.FromUnixTimeSeconds(0)));
        }
        else
        {
            world.Server.Status(Time, int.Parse(how, System.Globalization.CultureInfo.InvariantCulture));
        }

        world.Run(Minute * 5);
        Assert.Equal(700, world.StrictestExportNow());
        Assert.Empty(world.Server.Posts("/rsp"));
        Assert.Contains("tm", Usability.For(world.Config, world.State).Devices.Values.Single().Reason, StringComparison.Ordinal);
        world.Restart().Run(Minute * 3);
        Assert.Equal(700, world.StrictestExportNow());

        world.Server.On(Time, good);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment(Time)]);
        world.Run(Minute * 10);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1"], GetStatuses(world, "C1"));
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
    }

    [Fact]
    public void A_jump_of_it_is_followed_once_it_is_confirmed_and_what_it_ended_acts_again_when_it_jumps_back()
    {
        var ahead = Duration.Zero;
        var world = Timed(() => ahead, World.Start, 3 * 3600).Run(Minute * 3);
        Assert.Equal(700, world.StrictestExportNow());
        ahead = Duration.FromHours(4);
        var asked = world.Server.GetTimes(Time).Count;
        while (world.Server.GetTimes(Time).Count <= asked)
        {
            world.Run(Duration.FromSeconds(10));
        }

        world.Run(Minute);
        Assert.Equal(700, world.StrictestExportNow());
        Assert.Contains("jumped", Usability.For(world.Config, world.State).Devices.Values.Single().Reason, StringComparison.Ordinal);
        world.Run(Minute * 5);
        Assert.Equal(1500, world.StrictestExportNow());

        ahead = Duration.Zero;
        world.Run(Minute * 20);
        Assert.Equal(700, world.StrictestExportNow());
        world.Run(Duration.FromHours(3));
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1", "2", "3"], GetStatuses(world, "C1").Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void A_clock_that_drifts_moves_its_controls_without_another_version_or_answer()
    {
        var ahead = Duration.Zero;
        var world = Timed(() => ahead, World.Start + (Minute * 45), 600).Run(Minute * 3);
        ahead = Duration.FromSeconds(6);
        world.Run(Minute * 16);
        var segment = world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 700);
        Assert.InRange((segment.From - (World.Start + (Minute * 45))).TotalSeconds, -7, -5);
        Assert.Equal(["1"], GetStatuses(world, "C1"));
        Assert.DoesNotContain(world.Notes, n => n.Class is ErrorClass.SeqConflict or ErrorClass.SeqRegression or ErrorClass.ClockSkew);

        // And the server's own, of which its controls know nothing, moves them nowhere.
        world.Server.Offset = Duration.FromSeconds(90);
        world.Run(Minute * 20);
        Assert.InRange((world.State.Clock.Offset - Duration.FromSeconds(90)).TotalSeconds, -1, 1);
        segment = world.Envelope!.Segments.Single(s => s.Limits.ExportLimitW == 700);
        Assert.InRange((segment.From - (World.Start + (Minute * 45))).TotalSeconds, -7, -5);
        Assert.Equal(["1"], GetStatuses(world, "C1"));
    }

    [Fact]
    public void It_is_known_over_a_restart_without_the_server()
    {
        var world = Timed(() => Duration.FromHours(2), World.Start + Duration.FromHours(3), 3600).Run(Minute * 3);
        world.Server.Outage = new FakeServer.Reply(503, string.Empty);
        world.Restart(Minute * 2).Run(Minute * 50);
        Assert.Equal(1500, world.StrictestExportNow());
        world.Run(Minute * 10);
        Assert.Equal(700, world.StrictestExportNow());
    }

    [Fact]
    public void It_is_forgotten_with_its_assignment()
    {
        var world = Timed(() => Duration.FromSeconds(300), World.Start, 600).Run(Minute * 2);
        Assert.Single(world.State.AssignmentClocks);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment("/tm")]);
        world.Run(Minute * 3);
        Assert.Empty(world.State.AssignmentClocks);
    }

    [Fact]
    public void Demand_response_and_prices_go_by_it_too()
    {
        var world = HostileTariffTests.Tariffs(() => [HostileTariffTests.Interval("AB", 1)], "<ReadingTypeLink href=\"/rt\"/>");
        world.Config = world.Config with { LoadControl = new DerLoadControl { ReferenceW = 10_000 } };
        world.Server.List("/cti/AB", "ConsumptionTariffIntervalList", string.Empty, () =>
            ["<ConsumptionTariffInterval href=\"/cti/AB/1\"><consumptionBlock>0</consumptionBlock><price>250</price><startValue>0</startValue></ConsumptionTariffInterval>"]);
        world.Server.On(Time, _ => new FakeServer.Reply(200, Xml.Time(world.Now + (Minute * 20))));
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
            [$"<FunctionSetAssignments href=\"/edev/1/fsa/1\"><DemandResponseProgramListLink href=\"/drp\" all=\"1\"/><DERProgramListLink href=\"/edev/1/fsa/1/derp\" all=\"1\"/><TariffProfileListLink href=\"/tp\" all=\"1\"/><TimeLink href=\"{Time}\"/><mRID>F1</mRID></FunctionSetAssignments>"]);
        world.Server.List("/drp", "DemandResponseProgramList", "pollRate=\"60\"", () =>
            ["<DemandResponseProgram href=\"/drp/1\"><mRID>D1</mRID><EndDeviceControlListLink href=\"/drp/1/edc\" all=\"1\"/><primacy>1</primacy></DemandResponseProgram>"]);
        world.Server.List("/drp/1/edc", "EndDeviceControlList", string.Empty, () => [LoadControl(World.Start + Duration.FromHours(1))]);
        world.Run(Minute * 3);

        var begins = World.Start + (Minute * 40);
        var load = world.Publications.OfType<EnginePublication.PublishEnvelope>().Last(p => p.Envelope.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal)).Envelope;
        Assert.InRange((load.Segments.Single(s => s.Limits.ImportLimitW == 5_000).From - begins).TotalSeconds, -1, 1);
        var prices = world.Publications.OfType<EnginePublication.PublishPrices>().Last().Prices;
        Assert.InRange((prices.Segments[0].From - begins).TotalSeconds, -1, 1);
    }

    /// <summary>The usual tree, whose assignment has a time of its own that is so far ahead.</summary>
    private static World Timed(Func<Duration> ahead, Instant start, int seconds)
    {
        var world = new World().WithTree(60);
        world.Server.On(Time, _ => new FakeServer.Reply(200, Xml.Time(world.Now + ahead())));
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Assignment(Time)]);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", start, seconds, 700)]);
        return world;
    }

    private static string Assignment(string time) =>
        Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp").Replace("<mRID>", $"<TimeLink href=\"{time}\"/><mRID>", StringComparison.Ordinal);

    private static IEnumerable<string> GetStatuses(World world, string mrid) =>
        world.Server.Posts("/rsp").Where(p => Xml.Text(p.Body, "subject") == mrid).Select(p => Xml.Text(p.Body, "status"));

    private static string LoadControl(Instant start) =>
        $"<EndDeviceControl href=\"/edc/E1\" replyTo=\"/rsp\" responseRequired=\"03\"><mRID>E1</mRID><version>0</version><creationTime>{(start - Duration.FromHours(2)).ToUnixTimeSeconds()}</creationTime>"
        + $"<EventStatus><currentStatus>0</currentStatus><dateTime>{start.ToUnixTimeSeconds()}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        + $"<interval><duration>3600</duration><start>{start.ToUnixTimeSeconds()}</start></interval><deviceCategory>FFFFFFFF</deviceCategory><drProgramMandatory>false</drProgramMandatory>"
        + "<DutyCycle><normalValue>50</normalValue></DutyCycle><loadShiftForward>false</loadShiftForward></EndDeviceControl>";
}
