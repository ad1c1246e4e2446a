using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>The registration PIN proves that the utility means this device.</summary>
public sealed class PinTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData("111115")]
    [InlineData("11111")]
    [InlineData(null)]
    public void The_right_PIN_and_none_go_on(string? pin)
    {
        // CSIP-AUS ALL-04
        var world = new World(World.Usual with { Pin = pin }).WithTree(60);
        world.Run(Minute * 3);
        Assert.NotNull(world.Envelope);
        Assert.Contains("/edev/1/rg", world.Server.Gets);
    }

    [Fact]
    public void A_wrong_PIN_ceases_all_communication()
    {
        // CSIP-AUS ALL-03-REJ
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.Put("/edev/1/rg", Xml.Registration(33221));
        world.Run(Minute);
        var requests = world.Server.Requests.Count;

        Assert.Equal("/edev/1/rg", world.Server.Requests[^1].Path);
        world.Run(Duration.FromHours(2));
        world.Restart().Run(Duration.FromHours(2));

        Assert.Equal(requests, world.Server.Requests.Count);
        Assert.Empty(world.Publications);
        Assert.Contains(world.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.PinMismatch });
    }

    [Fact]
    public void A_PIN_that_turns_wrong_is_confirmed_and_then_ceases_communication_and_frees_nobody()
    {
        // CSIP-AUS ALL-03-REJ asks for silence. What was ordered before runs to its end, then the default holds.
        var world = Controlled(new World(World.Usual with { Pin = "111115" }).WithTree(60), 1200);
        world.Server.Put("/edev/1/rg", Xml.Registration(123455));
        Doubted(world);
        var first = world.Now;
        world.Run(Duration.FromSeconds(25));
        Assert.Equal(PinVerdict.Matches, world.State.Devices.Values.Single().Pin);
        Assert.Contains("PIN", Usability.For(world.Config, world.State).Devices.Values.Single().Reason, StringComparison.Ordinal);

        world.Run(Duration.FromSeconds(15));
        Assert.Equal(PinVerdict.Differs, world.State.Devices.Values.Single().Pin);
        Assert.True(world.Server.GetTimes("/edev/1/rg").Count(t => t >= first - Duration.FromSeconds(1)) >= 3);
        Assert.Equal("/edev/1/rg", world.Server.Requests[^1].Path);
        Assert.Single(world.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.PinMismatch });
        var requests = world.Server.Requests.Count;
        Assert.Equal(700, world.StrictestExportNow());

        world.Restart().Run(Duration.FromMinutes(30));
        Assert.Equal(requests, world.Server.Requests.Count);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.DoesNotContain(world.Publications, p => p is EnginePublication.WithdrawEnvelope);

        world.Server.Put("/edev/1/rg", Xml.Registration(111115));
        world.Give(new DerInput.OperatorAction(DerAction.Resume)).Run(Minute * 2);
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
    }

    [Fact]
    public void One_wrong_reading_of_a_PIN_that_matched_ends_nothing_and_new_orders_are_followed()
    {
        var world = Controlled(new World(World.Usual with { Pin = "111115" }).WithTree(60), 7200);
        world.Server.Put("/edev/1/rg", Xml.Registration(0));
        Doubted(world);
        world.Server.Put("/edev/1/rg", Xml.Registration(111115));
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C2", World.Start, 7200, 300)]);
        world.Run(Duration.FromMinutes(5));
        Assert.Equal(PinVerdict.Matches, world.State.Devices.Values.Single().Pin);
        Assert.Equal(300, world.StrictestExportNow());
        Assert.Empty(world.State.Line.PinDoubts);
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
    }

    [Fact]
    public void A_device_that_moves_is_compared_anew_and_not_lost_by_one_wrong_reading()
    {
        var world = Controlled(new World(World.Usual with { Pin = "111115" }).WithTree(60), 7200);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/7", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/7"))]);
        world.Server.Resources["/edev/7/fsa"] = world.Server.Resources["/edev/1/fsa"];
        var asked = 0;
        world.Server.On("/edev/7/rg", _ => new FakeServer.Reply(200, Xml.Registration(asked++ == 0 ? 5 : 111115)));
        world.Run(Minute * 3);
        Assert.True(asked > 1);
        Assert.Contains("/edev/7/fsa", world.Server.Gets);
        Assert.DoesNotContain(world.Publications, p => p is EnginePublication.WithdrawEnvelope);
        Assert.Equal(700, world.StrictestExportNow());
    }

    [Fact]
    public void Where_so_configured_the_fallback_takes_over_from_the_default_once_communication_has_ceased_for_so_long()
    {
        var world = Controlled(new World(World.Usual with { Pin = "111115", Fallback = new Limits { ExportLimitW = 100 }, FallbackAfterLoss = Minute * 10 }).WithTree(60), 120);
        world.Server.Put("/edev/1/rg", Xml.Registration(123455));
        world.Run(Minute * 8);
        Assert.Equal(1500, world.StrictestExportNow());
        world.Restart().Run(Minute * 12);
        Assert.Equal(100, world.StrictestExportNow());
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(405, false)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    public void A_registration_that_is_there_and_not_shown_is_waited_for_and_one_that_is_not_there_is_none(int status, bool goesOn)
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.Status("/edev/1/rg", status);
        world.Run(Minute * 3);
        Assert.Equal(goesOn, world.Server.Gets.Contains("/edev/1/fsa"));
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ResourceMissing);
        Assert.Single(world.Notes, n => n.Kind == NoteKind.ResourceMissing && n.Text.Contains("/edev/1/rg", StringComparison.Ordinal));

        world.Server.Put("/edev/1/rg", Xml.Registration(111115));
        world.Run(Minute * 2);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void Without_a_registration_link_there_is_nothing_to_compare()
    {
        // CSIP-AUS ALL-05
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.List("/edev", "EndDeviceList", string.Empty, () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1", registration: false))]);
        world.Run(Minute);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_registration_that_cannot_be_read_yet_is_waited_for()
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.Status("/edev/1/rg", 500);
        world.Run(Minute * 3);
        Assert.DoesNotContain("/edev/1/fsa", world.Server.Gets);

        world.Server.Put("/edev/1/rg", Xml.Registration(111115));
        world.Run(Minute * 2);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_person_corrects_the_PIN_and_it_goes_on()
    {
        var world = new World(World.Usual with { Pin = "123455" }).WithTree(60);
        world.Run(Minute * 3);
        Assert.Empty(world.Publications);

        var previous = world.Config;
        world.Config = previous with { Pin = "111115" };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_person_resumes_once_the_utility_corrected_it()
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Server.Put("/edev/1/rg", Xml.Registration(123455));
        world.Run(Minute);

        world.Server.Put("/edev/1/rg", Xml.Registration(111115));
        world.Give(new DerInput.OperatorAction(DerAction.Resume)).Run(Minute);
        Assert.NotNull(world.Envelope);
    }

    private static World Controlled(World world, int seconds)
    {
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, seconds, 700)]);
        world.Run(Minute);
        Assert.Equal(700, world.StrictestExportNow());
        return world;
    }

    // Until the wrong PIN was read once.
    private static void Doubted(World world)
    {
        var before = world.Server.GetTimes("/edev/1/rg").Count;
        while (world.Server.GetTimes("/edev/1/rg").Count == before)
        {
            Assert.True(world.Now < World.Start + Duration.FromHours(1));
            world.Run(Duration.FromSeconds(1));
        }

        Assert.Single(world.State.Line.PinDoubts);
    }
}
