using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Tests.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>A certificate is renewed while a control is in force: another LFDI, the same utility, the same order.</summary>
public sealed class CertificateRenewalTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly string Renewed = new('C', 40);

    [Fact]
    public void What_is_in_force_stays_so_to_its_end_while_the_new_identity_is_not_registered()
    {
        var world = Renew(MovedTreeTests.Followed(OutOfBand, seconds: 3600));
        Holds(world, 700, Minute * 30);
        Holds(world.Restart(), 700, Minute * 20);
        Assert.Contains("no EndDevice", Usability.For(world.Config, world.State).Devices[Renewed].Reason, StringComparison.Ordinal);

        // Then the utility's default holds, and nobody has answered for an identity that the server doesn't know.
        world.Run(Minute * 30);
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Equal(["1", "2"], Answers(world).Select(a => a.Status));
    }

    [Fact]
    public void Once_the_server_lists_it_the_new_identity_answers_for_itself_and_its_own_programs_count()
    {
        var world = Renew(MovedTreeTests.Followed(OutOfBand, seconds: 3600));
        Holds(world, 700, Minute * 5);
        Register(world);
        Holds(world, 700, Minute * 3);
        Assert.Empty(Usability.For(world.Config, world.State).Devices);
        Assert.Equal([("1", FakeServer.Lfdi), ("2", FakeServer.Lfdi), ("1", Renewed), ("2", Renewed)], Answers(world));

        world.Run(Duration.FromHours(1));
        Assert.Equal(("3", Renewed), Answers(world)[^1]);
        Assert.Equal(5, Answers(world).Count);
        Assert.Equal(1500, world.StrictestExportNow());
    }

    [Fact]
    public void Other_programs_of_the_new_identity_replace_those_before_after_the_confirmation()
    {
        var world = Renew(MovedTreeTests.Followed(OutOfBand));
        Holds(world, 700, Minute * 5);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "A2", 1)]);
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 4000));
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        Register(world);
        while (!world.Server.Gets.Contains("/derp/2/derc"))
        {
            Holds(world, 700, Duration.FromSeconds(1));
        }

        Holds(world, 700, Duration.FromSeconds(25));
        world.Run(Duration.FromSeconds(15));
        Assert.Equal(4000, world.StrictestExportNow());
    }

    [Fact]
    public void With_another_server_the_orders_of_the_former_end()
    {
        var world = MovedTreeTests.Followed(OutOfBand);
        var previous = world.Config;
        world.Config = previous with { Lfdi = Renewed, ServerUrl = "https://other.example/dcap2" };
        world.Give(new DerInput.ConfigChanged(previous));
        Assert.Null(world.StrictestExportNow());
    }

    private static DerClientConfig OutOfBand => World.Usual with { Registration = DerRegistration.OutOfBand };

    private static World Renew(World world)
    {
        var previous = world.Config;
        world.Config = previous with { Lfdi = Renewed };
        return world.Give(new DerInput.ConfigChanged(previous));
    }

    private static void Register(World world) =>
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", Renewed, "0", Xml.Links("/edev/1"))]);

    private static List<(string Status, string Lfdi)> Answers(World world) =>
        [.. world.Server.Posts("/rsp").Select(p => (Xml.Text(p.Body, "status"), Xml.Text(p.Body, "endDeviceLFDI")))];

    private static void Holds(World world, long limit, Duration span)
    {
        for (var second = 0; second < span.TotalSeconds; second += 5)
        {
            Assert.True(world.StrictestExportNow() <= limit, $"{world.Now}: {world.StrictestExportNow()} W");
            world.Run(Duration.FromSeconds(5));
        }
    }
}
