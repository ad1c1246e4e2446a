using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Session;

/// <summary>Asking for reservations where the server does not simply say yes.</summary>
public sealed class ReservingTests
{
    private const string Requests = "/edev/1/frq";
    private const string Granted = "/edev/1/frp";
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Without_a_list_a_person_is_told_and_nothing_flows_until_there_is_one()
    {
        var world = new World().WithTree(60).Run(Minute);
        Reserve(world);
        world.Run(Minute * 5);
        Assert.Single(world.Notes, n => n.Level == NoteLevel.Alarm && n.Text.Contains("FlowReservationRequestListLink", StringComparison.Ordinal));
        Assert.Equal(0, ChargeNow(world));

        Offer(world);
        world.Run(Minute * 2);
        Assert.Equal("POST", Assert.Single(world.Server.Posts(Requests)).Method);
        Assert.Equal(ReservationPhase.Requested, Held(world).Phase);
    }

    [Fact]
    public void What_is_sent_is_the_standards()
    {
        var world = Offering().Run(Minute);
        Reserve(world, energyWh: -12_345);
        world.Run(Minute);
        var body = Assert.Single(world.Server.Posts(Requests)).Body;
        Assert.Equal(("-12345", "0"), (Xml.Text(Xml.Element(body, "energyRequested"), "value"), Xml.Text(Xml.Element(body, "energyRequested"), "multiplier")));
        Assert.Equal("5000", Xml.Text(Xml.Element(body, "powerRequested"), "value"));
        Assert.Equal(("7200", "0"), (Xml.Text(Xml.Element(body, "intervalRequested"), "duration"), Xml.Text(body, "requestStatus")));
        Assert.Equal(Held(world).MRid, Xml.Text(body, "mRID"));
    }

    [Fact]
    public void A_refusal_for_good_is_an_alarm_and_nothing_flows()
    {
        var world = Offering().Run(Minute);
        world.Server.Status(Requests, 400, Xml.Error(1, "too much"));
        Reserve(world);
        world.Run(Minute * 10);
        Assert.Single(world.Server.Posts(Requests));
        Assert.Equal((ReservationPhase.Refused, true), (Held(world).Phase, Held(world).Why!.Contains("too much", StringComparison.Ordinal)));
        Assert.Contains(world.Notes, n => n.Level == NoteLevel.Alarm && n.Kind == NoteKind.Reservation);
        Assert.Equal(0, ChargeNow(world));

        world.Give(new DerInput.Withdraw("r1"));
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public void What_may_be_granted_later_is_asked_for_again(int status)
    {
        var world = Offering().Run(Minute);
        world.Server.Status(Requests, status);
        Reserve(world);
        world.Run(Minute * 5);
        Assert.InRange(world.Server.Posts(Requests).Count, 2, 20);
        Assert.Equal(ReservationPhase.Wanted, Held(world).Phase);
        Offer(world);
        world.Run(Minute * 20);
        Assert.Equal(ReservationPhase.Requested, Held(world).Phase);
    }

    [Fact]
    public void Where_the_server_tells_no_address_its_list_does_and_a_withdrawal_goes_there()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute * 2);
        Assert.Equal(Requests + "/7", Held(world).Href);
        world.Give(new DerInput.Withdraw("r1")).Run(Minute);
        var told = Assert.Single(world.Server.Posts(Requests + "/7"));
        Assert.Equal(("PUT", "1"), (told.Method, Xml.Text(told.Body, "requestStatus")));
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
    }

    [Fact]
    public void Withdrawn_before_the_server_ever_had_it_nothing_is_put()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Give(new DerInput.Withdraw("r1")).Run(Minute);
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
        Assert.DoesNotContain(world.Server.Requests, r => r.Method is "PUT" or "POST" && r.Path.StartsWith(Requests, StringComparison.Ordinal));
    }

    [Fact]
    public void Withdrawn_while_the_tree_is_not_read_the_server_is_told_once_it_is()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute * 2);
        var previous = world.Config;
        world.Server.Outage = new FakeServer.Reply(503, string.Empty);
        world.Config = previous with { Edition = DerEdition.CsipAus13 };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute);
        world.Give(new DerInput.Withdraw("r1")).Run(Minute);
        Assert.Equal(ReservationPhase.Withdrawing, Held(world).Phase);
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);

        world.Server.Outage = null;
        world.Run(Minute * 20);
        Assert.Equal("PUT", Assert.Single(world.Server.Posts(Requests + "/7")).Method);
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
    }

    [Fact]
    public void Withdrawn_after_a_request_without_an_answer_while_the_tree_is_not_read_it_is_found_in_the_servers_list()
    {
        var world = Offering().Run(Minute);
        var list = world.Server.Resources[Requests];
        world.Server.On(Requests, asked => asked.Method == "POST" ? new FakeServer.Reply(0, string.Empty) : list(asked));
        Reserve(world);
        world.RequestsUntil(() => world.Server.Posts(Requests).Count > 0);
        var previous = world.Config;
        world.Config = previous with { Edition = DerEdition.CsipAus13 };
        world.Give(new DerInput.ConfigChanged(previous)).Give(new DerInput.Withdraw("r1")).Run(Minute * 5);
        Assert.Equal("PUT", Assert.Single(world.Server.Posts(Requests + "/7")).Method);
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
    }

    [Fact]
    public void A_server_that_lost_the_device_is_asked_again_and_what_it_granted_stays()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute);
        var response = Response(Held(world).MRid, "A1", world.Now, 4_000);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => [response]);
        world.Run(Minute * 2);
        var listed = world.Server.Resources["/edev"];
        world.Server.On("/edev", asked => asked.Method == "POST"
            ? new FakeServer.Reply(201, string.Empty, Location: "/edev/1")
            : new FakeServer.Reply(200, $"<EndDeviceList xmlns=\"{Xml.Ns}\" href=\"/edev\" all=\"0\" results=\"0\"/>"));
        world.Run(Minute * 3);
        Assert.Single(world.Server.Posts("/edev"));
        world.Server.On("/edev", listed);
        world.Run(Minute * 7);
        var asked = world.Server.Posts(Requests);
        Assert.Equal(2, asked.Count);
        Assert.Equal(Xml.Text(asked[0].Body, "mRID"), Xml.Text(asked[1].Body, "mRID"));
        Assert.Equal((ReservationPhase.Requested, 4_000L), (Held(world).Phase, ChargeNow(world)));
    }

    [Fact]
    public void A_day_after_its_window_it_is_forgotten()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute).Restart(Duration.FromHours(25)).Run(Minute);
        Assert.Single(world.State.Devices.Values.Single().Reservations);
        world.Restart(Duration.FromHours(1)).Run(Minute);
        Assert.Empty(world.State.Devices.Values.Single().Reservations);
        Assert.DoesNotContain(world.State.Nodes.Values, n => n.Kind == NodeKind.ReservationList);
    }

    [Fact]
    public void An_answer_that_cannot_be_read_takes_nothing_away_and_adds_nothing()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute);
        string[] items = [Response(Held(world).MRid, "A1", world.Now, 4_000)];
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => items);
        world.Run(Minute * 2);
        Assert.Equal(4_000, ChargeNow(world));
        items = [items[0].Replace("<value>4000</value>", "<value>lots</value>", StringComparison.Ordinal), Response(Held(world).MRid, "A2", world.Now, 9_000).Replace("<powerAvailable>", "<powerAvailable><x/>", StringComparison.Ordinal).Replace("<multiplier>0</multiplier>", string.Empty, StringComparison.Ordinal)];
        world.Run(Minute * 3);
        Assert.Equal(4_000, ChargeNow(world));
        Assert.Contains(world.Notes, n => n.Text.Contains("answers to reservations that can't be read", StringComparison.Ordinal));

        // A list that lacks it, or is away, cancels nothing.
        items = [];
        world.Run(Minute * 3);
        world.Server.Status(Granted, 404);
        world.Run(Minute * 3);
        Assert.Equal(4_000, ChargeNow(world));
    }

    [Theory]
    [InlineData(253402300799 - 3600, 3600)]
    [InlineData(4102444800, 2000000000)]
    [InlineData(0, 1)]
    public void Times_beyond_all_belief_grant_nothing_and_break_nothing(long start, long duration)
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute);
        var absurd = Response(Held(world).MRid, "A1", world.Now, 4_000)
            .Replace($"<interval><duration>7000</duration><start>{world.Now.ToUnixTimeSeconds()}", $"<interval><duration>{duration}</duration><start>{start}", StringComparison.Ordinal);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => [absurd]);
        world.Run(Minute * 3).Restart().Run(Minute);
        Assert.Equal(0, ChargeNow(world));
        world.Restart(Duration.FromHours(30)).Run(Minute);
    }

    [Fact]
    public void Another_server_is_asked_anew_and_its_predecessors_word_counts_no_more()
    {
        var world = Offering().Run(Minute);
        Reserve(world);
        world.Run(Minute);
        var response = Response(Held(world).MRid, "A1", world.Now, 4_000);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => [response]);
        world.Run(Minute * 2);
        Assert.Equal(4_000, ChargeNow(world));
        var previous = world.Config;
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => []);
        world.Config = previous with { ServerUrl = "https://other.example/dcap" };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute);
        Assert.Equal(0, ChargeNow(world));
        Assert.Equal(2, world.Server.Posts(Requests).Count);
    }

    [Fact]
    public void More_than_may_stand_at_once_are_not_taken()
    {
        var world = Offering().Run(Minute);
        for (var i = 0; i <= 32; i++)
        {
            Reserve(world, $"r{i}");
        }

        Assert.Equal(32, world.State.Devices.Values.Single().Reservations.Count);
        Assert.Equal(ErrorClass.LimitCount, world.Notes[^1].Class);
    }

    [Theory]
    [InlineData("/energyWh", 0, 5_000, 0, 120)]
    [InlineData("/powerW", 1_000, 0, 0, 120)]
    [InlineData("/powerW", 1_000, 11_000, 0, 120)]
    [InlineData("/until", 1_000, 5_000, 120, 120)]
    [InlineData("/until", 1_000, 5_000, -240, -120)]
    [InlineData("/energyWh", 20_000, 5_000, 0, 120)]
    public void What_can_not_be_meant_is_refused_by_member(string pointer, long energyWh, long powerW, int fromMinutes, int untilMinutes)
    {
        var now = Tests.World.Start;
        var wish = new ReservationWish(null, energyWh, powerW, now + (Minute * fromMinutes), now + (Minute * untilMinutes), null);
        Assert.Contains(ReservationRules.Check(Tests.World.Usual, wish, now), f => f.Pointer == pointer);
        Assert.Empty(ReservationRules.Check(Tests.World.Usual, wish with { EnergyWh = -1_000, PowerW = 5_000, From = now, Until = now + (Minute * 60) }, now));
    }

    [Fact]
    public void Of_several_sites_the_one_that_is_meant_is_named()
    {
        var config = new DerClientConfig { ServerUrl = "https://utility.example/dcap", Devices = [new DerDeviceConfig { SiteId = "a" }, new DerDeviceConfig { SiteId = "b" }] };
        var wish = new ReservationWish(null, 1_000, 1_000, Tests.World.Start, Tests.World.Start + (Minute * 60), Duration.FromHours(2));
        Assert.Equal(["/siteId", "/leastDuration"], ReservationRules.Check(config, wish, Tests.World.Start).Select(f => f.Pointer));
        Assert.Equal(["/siteId"], ReservationRules.Check(config, wish with { SiteId = "c", LeastDuration = null }, Tests.World.Start).Select(f => f.Pointer));
    }

    private static World Offering()
    {
        var world = new World().WithTree(60);
        Offer(world);
        return world;
    }

    private static void Offer(World world)
    {
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi,
            Xml.Links("/edev/1") + $"<FlowReservationRequestListLink href=\"{Requests}\" all=\"0\"/><FlowReservationResponseListLink href=\"{Granted}\" all=\"0\"/>")]);
        world.Server.List(Requests, "FlowReservationRequestList", string.Empty, () =>
            [.. world.Server.Posts(Requests).Take(1).Select(p => $"<FlowReservationRequest href=\"{Requests}/7\">{p.Body[(p.Body.IndexOf("<mRID", StringComparison.Ordinal))..]}".Trim())]);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => []);
        world.Server.Status(Requests + "/7", 204);
    }

    private static void Reserve(World world, string id = "r1", long energyWh = 10_000) => world.Give(new DerInput.Reserve("site-1", new Reservation
    {
        Id = id,
        MRid = string.Empty,
        EnergyWh = energyWh,
        PowerW = 5_000,
        From = world.Now,
        Until = world.Now + Duration.FromHours(2),
        CreatedAt = world.Now,
        Sha256 = string.Empty,
    }));

    private static string Response(string subject, string mrid, Instant start, long watts) =>
        $"<FlowReservationResponse href=\"{Granted}/{mrid}\" replyTo=\"/rsp\" responseRequired=\"03\"><mRID>{mrid}</mRID><creationTime>{start.ToUnixTimeSeconds()}</creationTime>"
        + $"<EventStatus><currentStatus>1</currentStatus><dateTime>{start.ToUnixTimeSeconds()}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        + $"<interval><duration>7000</duration><start>{start.ToUnixTimeSeconds()}</start></interval><energyAvailable><multiplier>0</multiplier><value>{watts * 2}</value></energyAvailable>"
        + $"<powerAvailable><multiplier>0</multiplier><value>{watts}</value></powerAvailable><subject>{subject}</subject></FlowReservationResponse>";

    private static Reservation Held(World world) => world.State.Devices.Values.Single().Reservations[0];

    private static long? ChargeNow(World world) => world.Publications.OfType<EnginePublication.PublishEnvelope>().Last(p => p.Envelope.Stream.Key == "flow-reservation")
        .Envelope.Segments.FirstOrDefault(s => s.From <= world.Now && !(s.Until <= world.Now))?.Limits.ChargeLimitW;
}
