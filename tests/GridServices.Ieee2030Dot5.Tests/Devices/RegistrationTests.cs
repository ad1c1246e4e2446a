using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>Being known to the server, once.</summary>
public sealed class RegistrationTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_server_does_not_list_is_registered_once(bool location)
    {
        // CSIP-AUS ALL-02
        var (world, registered) = Unregistered(asked => new FakeServer.Reply(201, string.Empty, Location: location ? "/edev/1" : null));
        world.Run(Minute * 30);

        var post = Assert.Single(world.Server.Posts("/edev"));
        Assert.Equal(FakeServer.Lfdi, Xml.Text(post.Body, "lFDI"));
        Assert.Equal(FakeServer.Sfdi, Xml.Text(post.Body, "sFDI"));
        Assert.NotEmpty(Xml.Text(post.Body, "deviceCategory"));
        Assert.NotEmpty(Xml.Text(post.Body, "changedTime"));
        Assert.Single(registered());
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_server_that_lists_late_is_believed_by_its_Location()
    {
        var (world, _) = Unregistered(_ => new FakeServer.Reply(201, string.Empty, Location: "/edev/7"), lists: false);
        world.Server.Put("/edev/7", Xml.Build("EndDevice", "href=\"/edev/7\"",
            $"{Xml.Links("/edev/1")}<lFDI>{FakeServer.Lfdi}</lFDI><sFDI>{FakeServer.Sfdi}</sFDI><changedTime>1</changedTime>"));
        world.Run(Minute * 40);

        Assert.Single(world.Server.Posts("/edev"));
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void An_address_that_holds_another_device_is_not_ours()
    {
        // hostile S5-055
        var (world, _) = Unregistered(_ => new FakeServer.Reply(201, string.Empty, Location: "/edev/7"), lists: false);
        world.Server.Put("/edev/7", Xml.Build("EndDevice", "href=\"/edev/7\"",
            $"{Xml.Links("/edev/1")}<lFDI>{new string('A', 40)}</lFDI><sFDI>{FakeServer.Sfdi}</sFDI><changedTime>1</changedTime>"));
        world.Run(Minute * 4);

        Assert.Contains(world.Notes, n => n.Class == ErrorClass.AuthzLfdi);
        Assert.DoesNotContain("/edev/1/fsa", world.Server.Gets);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public void A_registration_that_is_sent_elsewhere_at_the_server_goes_there(int status)
    {
        var (world, _) = Unregistered(_ => new FakeServer.Reply(status, string.Empty, Location: "/register"), store: false);
        world.Server.On("/register", asked => new FakeServer.Reply(asked.Method == "POST" && asked.Body.Contains(FakeServer.Lfdi, StringComparison.Ordinal) ? 201 : 400, string.Empty));
        world.Run(Minute);
        Assert.Single(world.Server.Posts("/register"));
    }

    [Fact]
    public void A_conflict_means_that_it_is_registered_already()
    {
        var (world, _) = Unregistered(_ => new FakeServer.Reply(409, string.Empty, Location: "/edev/1"));
        world.Run(Minute * 5);

        Assert.Single(world.Server.Posts("/edev"));
        Assert.DoesNotContain(world.Notes, n => n.Level == NoteLevel.Alarm);
    }

    [Fact]
    public void Restarts_make_no_second_registration()
    {
        var (world, registered) = Unregistered(_ => new FakeServer.Reply(201, string.Empty, Location: "/edev/1"));
        for (var i = 0; i < 10; i++)
        {
            world.RequestsUntil(() => world.Server.Requests.Count % 3 == 0 || world.Envelope is not null || world.Server.Requests.Count > 40 + i);
            world.Restart();
        }

        world.Run(Minute * 2);
        Assert.Single(registered());
        Assert.Single(world.Server.Posts("/edev"));
    }

    [Fact]
    public void Out_of_band_nothing_is_posted_and_the_device_is_found_when_the_utility_put_it_there()
    {
        var (world, registered) = Unregistered(_ => new FakeServer.Reply(201, string.Empty), config: World.Usual with { Registration = DerRegistration.OutOfBand });
        world.Run(Minute * 3);
        Assert.Empty(world.Server.Posts("/edev"));
        Assert.Empty(world.Publications);

        registered().Add(FakeServer.Lfdi);
        world.Run(Minute * 2);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_refused_registration_is_told_and_not_repeated_at_every_poll()
    {
        var (world, _) = Unregistered(_ => new FakeServer.Reply(403, Xml.Error(1, "not on the list")), store: false);
        world.Run(Duration.FromHours(1));

        Assert.InRange(world.Server.Posts("/edev").Count, 6, 9);
        Assert.Contains(world.Notes, n => n.Level == NoteLevel.Alarm && n.Text.Contains("not on the list", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_forgot_us_is_told_again_and_frees_nobody_meanwhile()
    {
        var (world, registered) = Unregistered(_ => new FakeServer.Reply(201, string.Empty, Location: "/edev/1"));
        world.Run(Minute * 3);
        var (published, puts) = (world.Publications.Count, world.Server.Posts("/edev/1/der/1/dercap").Count);
        Assert.Equal(1, puts);

        registered().Clear();
        world.Run(Minute * 12);

        Assert.Equal(2, world.Server.Posts("/edev").Count);
        Assert.Equal(2, world.Server.Posts("/edev/1/der/1/dercap").Count);
        Assert.Equal(published, world.Publications.Count);
    }

    [Fact]
    public void A_list_that_could_not_be_read_whole_is_no_reason_to_register()
    {
        var world = new World().WithTree(60);
        world.Server.On("/edev", a => new FakeServer.Reply(a.Method == "GET" ? 200 : 201, Xml.Build("EndDeviceList", $"all=\"9\" results=\"{(a.From == 0 ? 1 : 0)}\"",
            a.From == 0 ? Xml.EndDevice("/edev/5", new string('B', 40), "0", string.Empty) : string.Empty)));
        world.Run(Minute * 10);
        Assert.Empty(world.Server.Posts("/edev"));
    }

    [Fact]
    public void A_device_is_found_by_its_SFDI_where_the_server_shows_no_LFDI()
    {
        var world = new World().WithTree();
        world.Server.List("/edev", "EndDeviceList", string.Empty, () =>
            [$"<EndDevice href=\"/edev/1\">{Xml.Links("/edev/1")}<sFDI>{FakeServer.Sfdi}</sFDI><changedTime>1</changedTime></EndDevice>"]);
        world.Run(Minute);

        Assert.Empty(world.Server.Posts("/edev"));
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void An_SFDI_that_fails_its_check_digit_is_refused()
    {
        // hostile S5-056
        var world = new World(World.Usual with { Registration = DerRegistration.OutOfBand }).WithTree();
        world.Server.List("/edev", "EndDeviceList", string.Empty, () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, "167261211392", Xml.Links("/edev/1"))]);
        world.Run(Minute);

        Assert.Contains(world.Notes, n => n.Class == ErrorClass.SemanticSfdi);
        Assert.DoesNotContain("/edev/1/fsa", world.Server.Gets);
    }

    [Fact]
    public void The_NMI_is_put_to_the_connection_point_once()
    {
        // CSIP-AUS ALL-03
        var world = new World(World.Usual with { Nmi = "6001234567" }).WithTree(60);
        world.Run(Minute * 20);

        var put = Assert.Single(world.Server.Posts("/edev/1/cp"));
        Assert.Equal("PUT", put.Method);
        Assert.Equal("6001234567", Xml.Text(put.Body, "connectionPointId"));
    }

    private static (World World, Func<List<string>> Registered) Unregistered(
        Func<FakeServer.Asked, FakeServer.Reply> answer, bool lists = true, bool store = true, DerClientConfig? config = null)
    {
        var world = new World(config).WithTree(60);
        var registered = new List<string>();
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [.. registered.Where(_ => lists).Select(l => Xml.EndDevice("/edev/1", l, FakeServer.Sfdi, Xml.Links("/edev/1")))]);
        var list = world.Server.Resources["/edev"];
        world.Server.On("/edev", asked =>
        {
            if (asked.Method != "POST")
            {
                return list(asked);
            }

            if (store)
            {
                registered.Add(Xml.Text(asked.Body, "lFDI"));
            }

            return answer(asked);
        });
        return (world, () => registered);
    }
}
