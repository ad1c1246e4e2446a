using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
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
        Assert.Contains("program", Usability.For(world.Config, world.State).Devices.Values.Single().Reason, StringComparison.Ordinal);
        Holds(world.Restart(), Minute * 3);

        world.Server.List(Elsewhere, "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(1)]);
        Holds(world, Minute * 3);
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    public void A_list_of_programs_that_moves_and_shows_nothing_at_first_frees_nobody(int all, int results)
    {
        var world = Followed(World.Start, 7200);
        world.Server.Put(Elsewhere, Xml.Build("DemandResponseProgramList", $"all=\"{all}\" results=\"{results}\" pollRate=\"60\"", string.Empty));
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

    [Theory]
    [InlineData("")]
    [InlineData("<DERProgramListLink href=\"/derp\" all=\"1\"/>")]
    public void Without_assignments_the_tariffs_and_the_demand_response_that_DeviceCapability_links_hold(string programs)
    {
        var world = Priced();
        world.Config = world.Config with { LoadControl = Usual };
        world.Server.Put("/dcap", Xml.DeviceCapability(
            $"<DemandResponseProgramListLink href=\"/drp\" all=\"1\"/>{programs}<TariffProfileListLink href=\"/tp\" all=\"1\"/><TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\" all=\"1\"/>", 60));
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, string.Empty)]);
        world.Server.List("/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        Respond(world, "/drp", 1, () => [Control("E1", World.Start, 3600, World.Start - Minute, "/rsp")]);
        world.Run(Minute * 3);
        Assert.Equal(5_000, ImportNow(world));
        Assert.Contains(world.Publications, p => p is EnginePublication.PublishPrices);
    }

    [Fact]
    public void An_EndDevice_that_is_given_the_assignments_of_another_group_gets_its_demand_response_and_tariffs()
    {
        var world = Priced();
        world.Config = new DerClientConfig
        {
            ServerUrl = World.Usual.ServerUrl,
            Mode = DerMode.Aggregator,
            Lfdi = FakeServer.Lfdi,
            Pen = 37244,
            Edition = DerEdition.CsipAus12,
            Devices = [new DerDeviceConfig { SiteId = "site-1" }, new DerDeviceConfig { SiteId = "site-2" }],
            LoadControl = Usual,
        };
        var lfdis = Identities.GetDevices(world.Config).OrderBy(d => d.Value.SiteId, StringComparer.Ordinal).Select(d => d.Key).ToList();
        string[] groups = ["/a/fsa", "/b/fsa"];
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [.. lfdis.Select((lfdi, i) =>
            Xml.EndDevice($"/edev/{i + 1}", lfdi, "0", $"<FunctionSetAssignmentsListLink href=\"{groups[i]}\" all=\"1\"/>"))]);
        Respond(world, "/a/drp", 1, () => []);
        Respond(world, "/b/drp", 2, () => [Control("E2", World.Start, 7200, World.Start - Minute, "/rsp")]);
        foreach (var (group, tariffs) in new[] { ("a", string.Empty), ("b", "<TariffProfileListLink href=\"/tp\" all=\"1\"/>") })
        {
            world.Server.List($"/{group}/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa($"/{group}/fsa/1", group, "/edev/1/fsa/1/derp")
                .Replace("<mRID>", $"<DemandResponseProgramListLink href=\"/{group}/drp\" all=\"1\"/>{tariffs}<mRID>", StringComparison.Ordinal)]);
        }

        world.Run(Minute * 3);
        Assert.DoesNotContain(world.Publications, p => p.SiteId == "site-1" && (p is EnginePublication.PublishPrices || GetStream(p).StartsWith("drlc-", StringComparison.Ordinal)));
        groups[0] = groups[1];
        world.Run(Minute * 3);
        Assert.Contains(world.Publications, p => p.SiteId == "site-1" && GetStream(p).StartsWith("drlc-", StringComparison.Ordinal));
        Assert.Contains(world.Publications, p => p.SiteId == "site-1" && p is EnginePublication.PublishPrices);
    }

    [Fact]
    public void Programs_of_demand_response_without_end_leave_no_order_for_DER_unread()
    {
        var world = Loaded(World.Start, 3600);
        world.Server.List("/drp", "DemandResponseProgramList", "pollRate=\"900\"", () => [.. Enumerable.Range(1, 640).Select(Program)]);
        world.Server.List(Assignments, "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [.. Enumerable.Range(1, 2).Select(i =>
            Xml.Fsa($"/edev/1/fsa/{i}", $"F{i}", $"/edev/1/fsa/{i}/derp").Replace("<mRID>", "<DemandResponseProgramListLink href=\"/drp\" all=\"1\"/><mRID>", StringComparison.Ordinal))]);
        world.Server.List("/edev/1/fsa/2/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "A2", 0)]);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 300));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        world.Run(Duration.FromSeconds(5));
        Assert.Equal(300, world.StrictestExportNow());
        Assert.Contains(world.State.Nodes.Values, n => n.Href == "/drp/500/edc");
        Assert.Contains(world.State.Nodes.Values, n => n.Href == "/derp/2/dderc");
    }

    [Fact]
    public void A_renewed_certificate_gives_no_seconds_of_override_back_and_answers_in_order()
    {
        var world = Loaded(World.Start, 3600, c => c with { Registration = DerRegistration.OutOfBand });
        world.Server.List("/drp/1/edc", "EndDeviceControlList", string.Empty, () => [Control("E1", World.Start, 3600, World.Start - Minute, "/rsp")
            .Replace("<drProgramMandatory>false", "<drProgramMandatory>true", StringComparison.Ordinal)
            .Replace("</EndDeviceControl>", "<overrideDuration>300</overrideDuration></EndDeviceControl>", StringComparison.Ordinal)]);
        world.Run(Minute * 2);
        world.Give(new DerInput.Opt("site-1", "E1", IsOut: true)).Run(Minute * 2);
        Assert.Null(ImportNow(world));
        var renewed = new string('C', 40);
        Put(world, c => c with { Lfdi = renewed });
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", renewed, "0", Xml.Links("/edev/1"))]);
        world.Run(Minute * 5);
        Assert.Equal(5_000, ImportNow(world));

        world.Give(new DerInput.Opt("site-1", "E1", IsOut: true)).Run(Minute);
        Assert.Equal(5_000, ImportNow(world));
        Assert.Equal("1", world.Server.Posts("/rsp").Where(p => Xml.Text(p.Body, "endDeviceLFDI") == renewed).Select(p => Xml.Text(p.Body, "status")).First());
        world.Run(Duration.FromHours(1));
        Assert.Equal("300", Xml.Text(world.Server.Posts("/rsp").Single(p => Xml.Text(p.Body, "status") == "9").Body, "overrideDuration"));
    }

    [Fact]
    public void A_control_that_a_wrong_clock_closed_with_its_overrides_is_open_again()
    {
        var world = Followed(World.Start, 7200);
        world.Give(new DerInput.Opt("site-1", "E1", IsOut: true)).Run(Minute);
        world.Give(new DerInput.Opt("site-1", "E1", IsOut: false));
        world.Run(Duration.FromHours(2));
        Assert.Contains(10, GetStatuses(world));
        Assert.Null(ImportNow(world));

        // Its clock was an hour ahead all the time: the control has not ended, and people overrode it before it began.
        world.Server.Offset = -Duration.FromHours(1);
        world.Run(Minute * 20);
        Assert.Equal(5_000, ImportNow(world));
        world.Run(Duration.FromHours(1));
        Assert.Contains(3, GetStatuses(world));
        Assert.DoesNotContain(10, GetStatuses(world));
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("rank")]
    public void Demand_response_that_changes_untold_ends_the_heartbeat(string what)
    {
        var (status, primacy) = (0, 1);
        var world = OnHeartbeat(() => status, () => primacy);
        (status, primacy) = what == "rank" ? (0, 9) : (2, 1);
        world.Run(Duration.FromHours(1) + Minute);
        Assert.Equal(SubscribedPolls.Usual, SubscriptionHealth.For(world.Config, world.State, world.Now)!.Polls);
    }

    [Fact]
    public void What_leads_to_a_list_of_controls_is_read_where_a_notification_says_that_it_moved()
    {
        var world = OnHeartbeat(() => 0, () => 1);
        var before = world.Server.GetTimes("/drp").Count;
        world.Give(Notify("/drp/1/edc", 2)).Run(Duration.FromSeconds(5));
        Assert.Equal(before + 1, world.Server.GetTimes("/drp").Count);
    }

    /// <summary>The list of programs and that of controls are polled seldom.</summary>
    private static World OnHeartbeat(Func<int> status, Func<int> primacy)
    {
        var made = new List<string>();
        var world = Loaded(World.Start + (Minute * 90), 7200, c => c with { Subscriptions = new DerSubscriptions { NotificationUrl = "https://site.example:8443/n", Heartbeat = Duration.FromHours(1) } });
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + "<SubscriptionListLink href=\"/edev/1/sub\" all=\"0\"/>")]);
        world.Server.List("/drp", "DemandResponseProgramList", "pollRate=\"60\" subscribable=\"1\"", () => [Program(1).Replace("<primacy>1", $"<primacy>{primacy()}", StringComparison.Ordinal)]);
        world.Server.List("/drp/1/edc", "EndDeviceControlList", "subscribable=\"1\"", () => [Control("E1", World.Start + (Minute * 90), 7200, World.Start - Minute, "/rsp")
            .Replace("<currentStatus>0", $"<currentStatus>{status()}", StringComparison.Ordinal)]);
        world.Server.List("/edev/1/sub", "SubscriptionList", string.Empty, () => made);
        var list = world.Server.Resources["/edev/1/sub"];
        world.Server.On("/edev/1/sub", asked =>
        {
            if (asked.Method != "POST")
            {
                return list(asked);
            }

            made.Add($"<Subscription href=\"/edev/1/sub/{made.Count + 1}\">{asked.Body[(asked.Body.IndexOf('>', asked.Body.IndexOf("<Subscription", StringComparison.Ordinal)) + 1)..asked.Body.LastIndexOf('<')]}</Subscription>");
            return new FakeServer.Reply(201, string.Empty, Location: $"/edev/1/sub/{made.Count}");
        });
        world.Run(Minute);
        world.Give(Notify("/drp", 0)).Run(Duration.FromSeconds(30));
        Assert.Equal(SubscribedPolls.Heartbeat, SubscriptionHealth.For(world.Config, world.State, world.Now)!.Polls);
        return world;
    }

    private static DerInput.NotificationReceived Notify(string resource, int status) => new(System.Text.Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty,
        $"<subscribedResource>{resource}</subscribedResource><status>{status}</status>")));

    private static GridServices.Wire.ValueList<int> GetStatuses(World world) => LoadControlOpts.Find(world.State.Devices.Values.Single(), "E1")!.Told;

    private static World Priced()
    {
        var world = HostileTariffTests.Tariffs(() => [HostileTariffTests.Interval("AB", 0)], "<ReadingTypeLink href=\"/rt\"/>");
        world.Server.List("/cti/AB", "ConsumptionTariffIntervalList", string.Empty, () =>
            ["<ConsumptionTariffInterval href=\"/cti/AB/1\"><consumptionBlock>0</consumptionBlock><price>250</price><startValue>0</startValue></ConsumptionTariffInterval>"]);
        return world;
    }

    private static void Respond(World world, string list, int number, Func<IReadOnlyList<string>> controls)
    {
        world.Server.List(list, "DemandResponseProgramList", "pollRate=\"60\"", () => [Program(number)]);
        world.Server.List($"/drp/{number}/edc", "EndDeviceControlList", string.Empty, controls);
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

    private static long? ImportNow(World world) => world.Publications.GroupBy(GetStream).Where(s => s.Key.StartsWith("drlc-", StringComparison.Ordinal)).Select(s => s.Last())
        .OfType<EnginePublication.PublishEnvelope>().SelectMany(p => p.Envelope.Segments.Where(s => s.From <= world.Now && !(s.Until <= world.Now))).Min(s => s.Limits.ImportLimitW);

    private static string GetStream(EnginePublication publication) => publication switch
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
