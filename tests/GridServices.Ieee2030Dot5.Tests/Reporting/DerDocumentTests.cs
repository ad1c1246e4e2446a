using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Reporting;

/// <summary>What the server is told of the DER.</summary>
public sealed class DerDocumentTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Capability_settings_status_and_availability_are_put_once_the_DER_is_found()
    {
        // CSIP-AUS ALL-02, ALL-09
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, SetMaxW = 8_000, MaxVA = 11_000, NominalV = 230 } }).WithTree(60);
        world.Run(Minute);

        var capability = Assert.Single(world.Server.Posts("/edev/1/der/1/dercap")).Body;
        Assert.Equal(("PUT", "0F"), (world.Server.Posts("/edev/1/der/1/dercap")[0].Method, Xml.Text(capability, "doeModesSupported").ToUpperInvariant().PadLeft(2, '0')));
        Assert.Equal("10000", Xml.Text(Xml.Element(capability, "rtgMaxW"), "value"));
        var settings = Assert.Single(world.Server.Posts("/edev/1/der/1/derg")).Body;
        Assert.Equal("8000", Xml.Text(Xml.Element(settings, "setMaxW"), "value"));
        Assert.Equal("27", Xml.Text(settings, "setGradW"));
        Assert.NotEmpty(Xml.Text(settings, "doeModesEnabled"));
        var status = Assert.Single(world.Server.Posts("/edev/1/der/1/ders")).Body;
        Assert.Equal("07", Xml.Text(Xml.Element(status, "genConnectStatus"), "value"));
        Assert.Single(world.Server.Posts("/edev/1/der/1/dera"));
    }

    [Fact]
    public void An_NMI_that_the_edition_has_no_place_for_stops_nothing_else()
    {
        var world = new World(World.Usual with { Edition = DerEdition.Ieee2018, Nmi = "6001234567" }).WithTree(60);
        world.Run(Minute * 3);
        Assert.Empty(world.Server.Posts("/edev/1/cp"));
        Assert.Single(world.Server.Posts("/edev/1/der/1/dercap"));
        Assert.NotEmpty(world.Server.Posts("/mup"));
    }

    [Fact]
    public void A_registration_read_at_its_own_address_tells_the_edition_too()
    {
        // The list lags behind, and nothing before it names the extension.
        var world = new World(World.Usual with { Edition = null, Nmi = "6001234567" }).WithTree(60);
        world.Server.Put("/dcap", world.Server.Resources["/dcap"](new FakeServer.Asked("GET", "/dcap", null, null, string.Empty, null!, World.Start)).Body.Replace($" xmlns:csipaus=\"{Xml.CsipAus}\"", string.Empty, StringComparison.Ordinal));
        world.Server.On("/edev", asked => asked.Method == "POST"
            ? new FakeServer.Reply(201, string.Empty, Location: "/edev/1")
            : new FakeServer.Reply(200, $"<EndDeviceList xmlns=\"{Xml.Ns}\" href=\"/edev\" all=\"0\" results=\"0\"/>"));
        world.Server.Put("/edev/1", Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1"))
            .Replace("<EndDevice ", $"<EndDevice xmlns=\"{Xml.Ns}\" xmlns:csipaus=\"{Xml.CsipAus}\" ", StringComparison.Ordinal));
        world.Run(Minute * 3);
        Assert.Single(world.Server.Posts("/edev/1/cp"));
        Assert.Single(world.Server.Posts("/edev/1/der/1/dercap"));
    }

    [Fact]
    public void Power_around_the_noise_of_a_meter_is_not_told_with_each_sample()
    {
        // CSIP-AUS ALL-08
        var world = new World().WithTree(60);
        world.Run(Minute);
        Measure(world, 8);
        world.Run(Minute);
        var puts = world.Server.Posts("/edev/1/der/1/ders").Count;
        foreach (var power in Enumerable.Repeat(new[] { 8, 12, 9, 11, 18, 6 }, 10).SelectMany(p => p))
        {
            Measure(world, power);
            world.Run(Duration.FromSeconds(1));
        }

        Assert.Equal(puts, world.Server.Posts("/edev/1/der/1/ders").Count);
        foreach (var power in Enumerable.Repeat(new[] { 0, 500 }, 30).SelectMany(p => p))
        {
            Measure(world, power);
            world.Run(Duration.FromSeconds(1));
        }

        Assert.InRange(world.Server.Posts("/edev/1/der/1/ders").Count - puts, 1, 8);
    }

    [Fact]
    public void Without_a_nameplate_only_what_is_known_is_said()
    {
        var world = new World(World.Usual with { Nameplate = new DerNameplate() }).WithTree(60);
        world.Run(Minute);
        Assert.Empty(world.Server.Posts("/edev/1/der/1/dercap"));
        Assert.Single(world.Server.Posts("/edev/1/der/1/ders"));
    }

    [Fact]
    public void The_ramp_rate_the_utility_sets_is_mirrored_each_time()
    {
        // CSIP-AUS ALL-13
        var world = new World().WithTree(60);
        world.Run(Minute);
        foreach (var rate in new[] { 100, 27 })
        {
            world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500, rate));
            world.Run(Minute + Duration.FromSeconds(5));
            Assert.Equal($"{rate}", Xml.Text(world.Server.Posts("/edev/1/der/1/derg")[^1].Body, "setGradW"));
        }

        Assert.Equal(3, world.Server.Posts("/edev/1/der/1/derg").Count);
    }

    [Fact]
    public void Settings_are_put_again_with_each_control_that_changes_how_the_DER_is_operated()
    {
        // CSIP-AUS DRG-01, DRL-01, DRD-01: the utility waits for PUT derg with each control.
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, DemandResponse = true } }).WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
        [
            FixedW("C1", World.Start + (Minute * 2), 7500), FixedW("C2", World.Start + (Minute * 4), -5000), Connect("C3", World.Start + (Minute * 6)),
        ]);
        world.Run(Minute);
        Assert.Single(world.Server.Posts("/edev/1/der/1/derg"));
        for (var i = 0; i < 3; i++)
        {
            world.Run(Minute + Duration.FromSeconds(3));
            Assert.Equal(2 + i, world.Server.Posts("/edev/1/der/1/derg").Count);
            Assert.Equal(2 + i, world.Server.Posts("/edev/1/der/1/ders").Select(p => Xml.Text(Xml.Element(p.Body, "operationalModeStatus"), "value")).Distinct().Count());
            world.Run(Duration.FromSeconds(57));
        }

        world.Run(Minute * 10);
        Assert.Equal(5, world.Server.Posts("/edev/1/der/1/derg").Count);
    }

    [Fact]
    public void Droop_is_among_the_modes_of_what_can_follow_it()
    {
        foreach (var (charge, bits) in new[] { ((long?)null, "0050008C"), (5_000L, "0050018C") })
        {
            var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, MaxChargeW = charge } }).WithTree(60);
            world.Run(Minute);
            Assert.Equal(bits, Xml.Text(world.Server.Posts("/edev/1/der/1/dercap")[0].Body, "modesSupported"));
            Assert.Equal(bits, Xml.Text(world.Server.Posts("/edev/1/der/1/derg")[0].Body, "modesEnabled"));
        }
    }

    [Theory]
    [InlineData("opModConnect", 0)]
    [InlineData("opModEnergize", 2)]
    public void A_disconnection_shows_in_the_status_promptly(string mode, int bit)
    {
        // CSIP-AUS ALL-11, ALL-12
        var world = new World().WithTree(60);
        var control = Xml.Control("C1", World.Start + (Minute * 2), 120, 1).Replace("<csipaus:opModExpLimW><multiplier>0</multiplier><value>1</value></csipaus:opModExpLimW>", $"<{mode}>false</{mode}>", StringComparison.Ordinal);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [control]);
        world.Run(Minute);
        Assert.True(Bit(world, bit));
        world.Run(Minute + Duration.FromSeconds(3));
        Assert.False(Bit(world, bit));
        world.Run(Minute * 2);
        Assert.True(Bit(world, bit));
    }

    [Fact]
    public void A_DER_that_stops_and_starts_shows_in_the_operational_mode()
    {
        // CSIP-AUS ALL-08
        var world = new World().WithTree(60);
        foreach (var (power, mode) in new[] { (-5000, "2"), (0, "1"), (4000, "2") })
        {
            world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, AssetId = "pv-1", NetPowerW = power })]));
            world.Run(Duration.FromSeconds(12));
            Assert.Equal(mode, Xml.Text(Xml.Element(world.Server.Posts("/edev/1/der/1/ders")[^1].Body, "operationalModeStatus"), "value"));
        }
    }

    [Fact]
    public void A_refused_document_is_told_and_tried_again_in_good_time()
    {
        var world = new World().WithTree(60);
        world.Server.On("/edev/1/der/1/dercap", _ => new FakeServer.Reply(400, Xml.Error(1, "doeModesSupported is wrong")));
        world.Run(Duration.FromHours(1));

        Assert.InRange(world.Server.Posts("/edev/1/der/1/dercap").Count, 6, 9);
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ReportRefused && n.Text.Contains("doeModesSupported is wrong", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(503)]
    public void What_was_put_without_an_answer_and_taken_back_meanwhile_is_put_right(int status)
    {
        var world = new World().WithTree(60);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500, 27));
        world.Run(Minute);
        world.Server.Status("/edev/1/der/1/derg", status);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500, 100));
        world.Run(Minute + Duration.FromSeconds(5));
        Assert.Equal("100", Xml.Text(world.Server.Posts("/edev/1/der/1/derg")[^1].Body, "setGradW"));

        // What the server may have taken is over before it answers again.
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500, 27));
        world.Run(Minute * 5);
        world.Server.Status("/edev/1/der/1/derg", 204);
        world.Run(Minute * 20);
        Assert.Equal("27", Xml.Text(world.Server.Posts("/edev/1/der/1/derg")[^1].Body, "setGradW"));
        var puts = world.Server.Posts("/edev/1/der/1/derg").Count;
        world.Run(Minute * 20);
        Assert.Equal(puts, world.Server.Posts("/edev/1/der/1/derg").Count);
    }

    [Fact]
    public void A_new_process_tells_everything_again()
    {
        var world = new World().WithTree(60);
        world.Run(Minute).Restart().Run(Minute);
        Assert.Equal(2, world.Server.Posts("/edev/1/der/1/dercap").Count);
    }

    private static string FixedW(string mrid, Instant start, int hundredths) => With(Xml.Control(mrid, start, 120, 1), $"<opModFixedW>{hundredths}</opModFixedW>");

    private static string Connect(string mrid, Instant start) => With(Xml.Control(mrid, start, 120, 1), "<opModConnect>false</opModConnect>");

    private static string With(string control, string mode) =>
        control.Replace("<csipaus:opModExpLimW><multiplier>0</multiplier><value>1</value></csipaus:opModExpLimW>", mode, StringComparison.Ordinal);

    private static bool Bit(World world, int bit) =>
        (Convert.ToInt32(Xml.Text(Xml.Element(world.Server.Posts("/edev/1/der/1/ders")[^1].Body, "genConnectStatus"), "value"), 16) & (1 << bit)) != 0;

    private static void Measure(World world, long watts) =>
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, AssetId = "pv-1", NetPowerW = -watts })]));
}
