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
    public void A_PIN_that_turns_wrong_withdraws_what_was_in_force()
    {
        var world = new World(World.Usual with { Pin = "111115" }).WithTree(60);
        world.Run(Minute * 3);
        Assert.NotNull(world.Envelope);

        world.Server.Put("/edev/1/rg", Xml.Registration(123455));
        world.Run(Duration.FromMinutes(20));

        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
        Assert.Equal(PinLast(world), world.Server.Requests[^1].Path);
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

    private static string PinLast(World world) => world.Server.Requests.Last(r => r.Path.EndsWith("/rg", StringComparison.Ordinal)).Path;
}
