using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Where a limit applies, and which message it came in.</summary>
public sealed class BoundaryTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("<deviceCategory>00000020</deviceCategory>", true)]
    public void A_control_for_another_category_is_ignored_unanswered(string listed, bool isFollowed)
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, listed + Xml.Links("/edev/1"))]);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 3600, 0, more: "<deviceCategory>00000020</deviceCategory>")]);
        world.Run(Duration.FromMinutes(3));
        Assert.Equal(isFollowed ? 0 : 1500, world.StrictestExportNow());
        Assert.Equal(isFollowed, world.Server.Posts("/rsp").Count > 0);
    }

    [Fact]
    public void Modes_that_the_configuration_leaves_out_are_not_carried_out()
    {
        var world = new World(World.Usual with { Nameplate = new DerNameplate { MaxW = 10_000, Modes = new DerModeBits { Der = "00000004", Doe = "03" } } }).WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
            [Xml.Control("C1", World.Start, 3600, 2000, mode: "csipaus:opModGenLimW"), Xml.Control("C2", World.Start, 3600, 700)]);
        world.Run(Duration.FromMinutes(3));
        Assert.Equal(["C1 252", "C2 1", "C2 2"], world.Server.Posts("/rsp").Select(p => $"{Xml.Text(p.Body, "subject")} {Xml.Text(p.Body, "status")}").Order(StringComparer.Ordinal));
        Assert.Equal(700, world.StrictestExportNow());
        Assert.DoesNotContain(world.Publications.OfType<EnginePublication.PublishEnvelope>().SelectMany(p => p.Envelope.Segments), s => s.Limits.GenerationLimitW is not null);
    }

    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(DerTypes.NotApplicable, TargetKind.Circuit)]
    [InlineData(DerTypes.VirtualOrMixed, TargetKind.Circuit)]
    [InlineData(DerTypes.ReciprocatingEngine, TargetKind.Circuit)]
    [InlineData(DerTypes.FuelCell, TargetKind.Circuit)]
    [InlineData(DerTypes.Photovoltaic, TargetKind.Pv)]
    [InlineData(DerTypes.CombinedHeatAndPower, TargetKind.Circuit)]
    [InlineData(DerTypes.OtherGeneration, TargetKind.Circuit)]
    [InlineData(DerTypes.OtherStorage, TargetKind.Ess)]
    [InlineData(DerTypes.ElectricVehicle, TargetKind.Evse)]
    [InlineData(DerTypes.Evse, TargetKind.Evse)]
    [InlineData(DerTypes.PhotovoltaicAndStorage, TargetKind.Circuit)]
    public void Generation_is_limited_at_the_DER_and_export_at_the_site(int derType, TargetKind kind)
    {
        var world = new World(World.Usual with { Assets = ["inverter-1"], Nameplate = new DerNameplate { MaxW = 10_000, Type = derType } }).WithTree();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
        [
            Xml.Control("C1", World.Start, 3600, 700),
            Xml.Control("C2", World.Start, 3600, 400, mode: "csipaus:opModGenLimW"),
        ]);
        world.Run(Minute);

        Assert.Equal(700, Last(world, new EnvelopeTarget(TargetKind.Site, "site-1")).ExportLimitW);
        Assert.Equal(400, Last(world, new EnvelopeTarget(kind, "inverter-1")).GenerationLimitW);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_DER_of_several_assets_or_none_is_the_site_unless_it_is_named(bool named)
    {
        var target = new EnvelopeTarget(TargetKind.Circuit, "feeder-2");
        var world = new World(World.Usual with { Assets = ["a", "b"], DerTarget = named ? target : null }).WithTree();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C2", World.Start, 3600, 400, mode: "csipaus:opModGenLimW")]);
        world.Run(Minute);

        Assert.Equal(400, Last(world, named ? target : new EnvelopeTarget(TargetKind.Site, "site-1")).GenerationLimitW);
    }

    [Fact]
    public void A_limit_names_the_message_it_came_in()
    {
        var world = new World().WithTree();
        var list = Xml.Build("DERControlList", "href=\"/derp/1/derc\" all=\"1\" results=\"1\"", Xml.Control("C1", World.Start, 3600, 700));
        world.Server.Put("/derp/1/derc", list);
        world.Run(Minute);

        var cause = world.Envelope!.Segments.First(s => s.Limits.ExportLimitW == 700).Cause;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list))), cause!.Sha256);
    }

    private static Limits Last(World world, EnvelopeTarget target) => world.Publications.OfType<EnginePublication.PublishEnvelope>()
        .Select(p => p.Envelope).Last(e => e.Target == target).Segments[0].Limits;
}
