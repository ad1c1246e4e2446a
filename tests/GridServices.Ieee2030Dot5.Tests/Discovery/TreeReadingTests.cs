using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What is kept from before a start may be older than what the hub holds: only what was read since then counts as heard.</summary>
public sealed class TreeReadingTests
{
    private const string Stream = "flow-reservation";

    [Theory]
    [InlineData("/dcap", "DeviceCapability")]
    [InlineData("/edev/1/fsa", "AssignmentsList")]
    [InlineData("/edev/1/fsa/1/derp", "ProgramList")]
    [InlineData("/derp/1/derc", "ControlList")]
    [InlineData("/derp/1/dderc", "DefaultControl")]
    public void Nothing_is_read_after_a_start_until_all_that_leads_to_the_controls_is(string path, string kind)
    {
        var world = new World().WithTree().Run(Duration.FromMinutes(1));
        Assert.Null(WhyUnread(world));

        world.Server.Status(path, 500);
        world.Restart().Run(Duration.FromMinutes(2));
        Assert.Contains(kind, WhyUnread(world), StringComparison.Ordinal);

        world.WithTree().Run(Duration.FromMinutes(20));
        Assert.Null(WhyUnread(world));
    }

    [Fact]
    public void A_default_that_the_server_never_had_is_as_good_as_read_and_one_that_it_shows_no_more_is_not()
    {
        var without = new World().WithTree();
        without.Server.Status("/derp/1/dderc", 404);
        Assert.Null(WhyUnread(without.Run(Duration.FromMinutes(1))));

        var with = new World().WithTree().Run(Duration.FromMinutes(1));
        with.Server.Status("/derp/1/dderc", 404);
        Assert.Contains("DefaultControl", WhyUnread(with.Restart().Run(Duration.FromMinutes(1))), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_was_said_since_the_start_only_the_streams_own_program_has_to_be_read()
    {
        var world = new World().WithTree();
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"300\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp"), Xml.Fsa("/edev/1/fsa/2", "F2", "/other")]);
        world.Server.List("/other", "DERProgramList", "pollRate=\"300\"", () => [Xml.Program("/derp/2", "B2", 2)]);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 1500));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        Assert.Null(WhyUnread(world.Run(Duration.FromMinutes(1)), "A1"));

        world.Server.Status("/other", 403);
        world.Server.Status("/derp/1/dderc", 404);
        world.Restart().Run(Duration.FromMinutes(2));
        Assert.NotNull(WhyUnread(world, "A1"));
        Assert.Null(WhyUnread(world, "A1", isFresh: true));
        Assert.NotNull(WhyUnread(world, "B2", isFresh: true));
        Assert.NotNull(WhyUnread(world, "site-fallback", isFresh: true));

        world.Server.Status("/derp/1/derc", 500);
        Assert.Contains("ControlList", WhyUnread(world.Restart().Run(Duration.FromMinutes(2)), "A1", isFresh: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_grant_rests_on_the_list_of_grants_and_on_no_program(bool isFresh)
    {
        const string Granted = "/edev/1/frp";
        var world = new World().WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + $"<FlowReservationResponseListLink href=\"{Granted}\" all=\"0\"/>")]);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => []);
        world.Run(Duration.FromMinutes(1)).Give(new DerInput.Reserve("site-1", new Reservation
        {
            Id = "r1",
            MRid = string.Empty,
            EnergyWh = 10_000,
            PowerW = 5_000,
            From = world.Now,
            Until = world.Now + Duration.FromHours(2),
            CreatedAt = world.Now,
            Sha256 = string.Empty,
        }));
        Assert.Null(WhyUnread(world.Run(Duration.FromMinutes(2)), Stream, isFresh));

        world.Server.Status(Granted, 503);
        world.Server.Status("/derp/1/derc", 503);
        Assert.Contains("ReservationList", WhyUnread(world.Restart().Run(Duration.FromMinutes(2)), Stream, isFresh), StringComparison.Ordinal);
        world.Server.List(Granted, "FlowReservationResponseList", string.Empty, () => []);
        Assert.Null(WhyUnread(world.Run(Duration.FromMinutes(10)), Stream, isFresh));
    }

    [Theory]
    [InlineData("/tp", "TariffList")]
    [InlineData("/tp/1/rc", "ComponentList")]
    [InlineData("/tti", "IntervalList")]
    [InlineData("/cti/AB", "PriceList")]
    public void Prices_rest_on_their_tariff_and_on_no_program(string path, string kind)
    {
        var world = HostileTariffTests.Tariffs(() => [HostileTariffTests.Interval("AB", 1)], "<ReadingTypeLink href=\"/rt\"/>");
        world.Server.List("/cti/AB", "ConsumptionTariffIntervalList", string.Empty, () =>
            ["<ConsumptionTariffInterval href=\"/cti/AB/1\"><consumptionBlock>0</consumptionBlock><price>250</price><startValue>0</startValue></ConsumptionTariffInterval>"]);
        world.Run(Duration.FromMinutes(6));
        var stream = Assert.Single(world.State.Devices.Values.Single().Prices.Published).Key;
        Assert.Null(WhyUnread(world, stream));

        world.Server.Status("/derp/1/derc", 503);
        Assert.Null(WhyUnread(world.Restart().Run(Duration.FromMinutes(6)), stream));
        Assert.Contains("ControlList", WhyUnread(world), StringComparison.Ordinal);
        world.Server.Status(path, 503);
        Assert.Contains(kind, WhyUnread(world.Restart().Run(Duration.FromMinutes(6)), stream), StringComparison.Ordinal);
    }

    [Fact]
    public void That_the_server_is_lost_is_stored_and_a_start_does_not_forget_it()
    {
        var world = new World().WithTree().Run(Duration.FromMinutes(1));
        foreach (var path in world.Server.Resources.Keys.ToList())
        {
            world.Server.Status(path, 0);
        }

        var stored = world.Stored;
        world.Run(Duration.FromMinutes(10));
        var lost = world.State.Line.LostSince;
        Assert.NotNull(lost);
        Assert.True(world.Stored > stored);

        Assert.Equal(lost, world.Restart(Duration.FromMinutes(1)).State.Line.LostSince);
        world.WithTree().Run(Duration.FromMinutes(10));
        Assert.Null(world.State.Line.LostSince);
    }

    private static string? WhyUnread(World world, string? stream = null, bool isFresh = false) => TreeReading.FindUnreadReason(world.Config, world.State, FakeServer.Lfdi, stream, isFresh);
}
