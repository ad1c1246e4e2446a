using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Reporting;

/// <summary>Telling how much load could be shed, where the server's answers are lost and where nothing is to be shed any more.</summary>
public sealed class SheddableTests
{
    private const string List = "/edev/1/lsl";
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly DerLoadControl Policy = new() { ReferenceW = 10_000, Sheddable = new DerSheddable { PowerW = 4_000 } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_post_without_an_answer_is_found_in_the_list_and_not_made_twice(bool dies)
    {
        var (world, made) = Create(isLost: true);
        world.RequestsUntil(() => made.Count > 0);
        if (dies)
        {
            world.Restart();
        }

        world.Run(Minute * 10);
        Assert.Single(made);
        Assert.Equal("PUT", Assert.Single(world.Server.Posts(List + "/1")).Method);
        var lists = world.Server.GetTimes(List).Count;
        world.Run(Minute * 10).Restart().Run(Minute * 10);
        Assert.Equal(lists, world.Server.GetTimes(List).Count);
        Assert.Single(world.Server.Posts(List + "/1"));
    }

    [Fact]
    public void Where_the_answer_named_no_address_a_change_goes_to_what_the_list_shows()
    {
        var (world, made) = Create(hasLocation: false);
        world.Run(Minute * 3);
        Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 2_000 } } });
        world.Run(Minute * 3);
        Assert.Single(made);
        Assert.Equal("2000", GetPower(Assert.Single(world.Server.Posts(List + "/1")).Body));
    }

    [Fact]
    public void A_change_without_an_answer_that_is_taken_back_meanwhile_is_put_right()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        world.Server.Status(List + "/1", 503);
        Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 2_000 } } });
        world.RequestsUntil(() => world.Server.Posts(List + "/1").Count > 0);
        Change(world, c => c with { LoadControl = Policy });
        world.Server.Status(List + "/1", 204);
        world.Run(Minute * 10);
        Assert.Single(made);
        Assert.Equal(["2000", "4000"], world.Server.Posts(List + "/1").Select(p => GetPower(p.Body)));
    }

    [Fact]
    public void Another_edition_at_the_same_server_tells_nothing_twice()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        Change(world, c => c with { Edition = DerEdition.CsipAus13 });
        world.Run(Minute * 10);
        Assert.Single(made);
        Assert.Empty(world.Server.Posts(List + "/1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_no_longer_configured_is_told_as_none(bool isLost)
    {
        var (world, made) = Create(isLost);
        world.RequestsUntil(() => made.Count > 0);
        Change(world, c => c with { LoadControl = null });
        world.Run(Minute * 10).Restart().Run(Minute * 10);
        Assert.Equal("0", GetPower(Assert.Single(world.Server.Posts(List + "/1")).Body));

        Change(world, c => c with { LoadControl = Policy });
        world.Run(Minute * 3);
        Assert.Single(made);
        Assert.Equal("4000", GetPower(world.Server.Posts(List + "/1")[^1].Body));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public void What_the_server_has_no_more_need_not_be_told_as_none(int status)
    {
        var (world, _) = Create();
        world.Run(Minute * 3);
        world.Server.Status(List + "/1", status);
        Change(world, c => c with { LoadControl = null });
        world.Run(Minute * 30);
        Assert.Single(world.Server.Posts(List + "/1"));
    }

    [Fact]
    public void A_change_that_the_server_takes_only_as_a_new_one_is_made_anew()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        world.Server.Status(List + "/1", 405);
        Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 2_000 } } });
        world.Run(Minute * 3);
        Assert.Single(world.Server.Posts(List + "/1"));
        Assert.Equal(["4000", "2000"], made.Select(GetPower));

        Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 1_000 } } });
        world.Restart().Run(Minute * 3);
        Assert.Equal(["4000", "2000", "1000"], made.Select(GetPower));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_a_change_is_taken_only_as_a_new_one_none_is_told_as_a_new_one_too(bool isKnown)
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        world.Server.Status(List + "/1", 405);
        if (isKnown)
        {
            Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 2_000 } } });
            world.Run(Minute * 3);
        }

        Change(world, c => c with { LoadControl = null });
        world.Run(Minute * 30).Restart().Run(Minute * 30);
        Assert.Equal(isKnown ? ["4000", "2000", "0"] : ["4000", "0"], made.Select(GetPower));
        Assert.Single(world.Server.Posts(List + "/1"));
    }

    [Fact]
    public void Where_none_is_taken_neither_as_a_change_nor_as_a_new_one_a_person_is_told_and_it_is_tried_again()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        var list = world.Server.Resources[List];
        var isShut = true;
        world.Server.On(List, asked => asked.Method == "POST" && isShut ? new FakeServer.Reply(405, string.Empty) : list(asked));
        world.Server.Status(List + "/1", 405);
        Change(world, c => c with { LoadControl = null });
        world.Run(Minute * 30);
        Assert.Contains(world.Notes, n => n.Text.Contains("refuses", StringComparison.Ordinal) && n.Level == NoteLevel.Warning);

        isShut = false;
        world.Run(Duration.FromHours(3));
        Assert.Equal(["4000", "0"], made.Select(GetPower));
    }

    [Fact]
    public void Where_neither_a_change_nor_a_new_one_is_taken_both_are_tried_ever_more_seldom()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        var list = world.Server.Resources[List];
        var isShut = true;
        world.Server.On(List, asked => asked.Method == "POST" && isShut ? new FakeServer.Reply(405, string.Empty) : list(asked));
        world.Server.Status(List + "/1", 405);
        Change(world, c => c with { LoadControl = Policy with { Sheddable = new DerSheddable { PowerW = 2_000 } } });
        world.Run(Minute * 60);
        Assert.InRange(world.Server.Posts(List + "/1").Count, 2, 10);
        Assert.InRange(world.Server.Posts(List).Count, 3, 10);

        isShut = false;
        world.Run(Duration.FromHours(3));
        Assert.Equal("2000", GetPower(made[^1]));
    }

    [Fact]
    public void A_list_that_gives_no_usable_answer_is_waited_for_ten_minutes()
    {
        var (world, made) = Create();
        var list = world.Server.Resources[List];
        world.Server.On(List, asked => asked.Method == "GET" ? new FakeServer.Reply(503, string.Empty) : list(asked));
        world.Run(Minute * 9);
        Assert.Empty(made);

        world.Run(Minute * 5);
        Assert.Equal("4000", GetPower(Assert.Single(made)));
        Assert.Single(world.Notes, n => n.Text.Contains("was told there unseen", StringComparison.Ordinal));
        world.Run(Duration.FromHours(6)).Restart().Run(Minute * 30);
        Assert.Single(made);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_list_that_was_unread_for_long_is_read_before_anything_is_made_in_it(bool dies)
    {
        var (world, made) = Create(isLost: true);
        var list = world.Server.Resources[List];
        var isSick = true;
        world.Server.On(List, asked => asked.Method == "GET" && made.Count > 0 && isSick ? new FakeServer.Reply(503, string.Empty) : list(asked));
        world.RequestsUntil(() => made.Count > 0);
        world.Run(Minute * 2);
        if (dies)
        {
            isSick = false;
            world.Restart(after: Minute * 15).Run(Minute * 5);
        }
        else
        {
            // The whole server is silent for longer than the list is waited for.
            var before = world.Server.Resources.ToDictionary();
            foreach (var path in before.Keys)
            {
                world.Server.Status(path, 0);
            }

            world.Run(Minute * 20);
            isSick = false;
            foreach (var (path, answer) in before)
            {
                world.Server.On(path, answer);
            }

            world.Run(Minute * 30);
        }

        Assert.Single(made);
        Assert.DoesNotContain(world.Notes, n => n.Text.Contains("was told there unseen", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_that_shows_nothing_of_ours_is_not_read_for_ever()
    {
        var (world, _) = Create();
        var list = world.Server.Resources[List];
        world.Server.On(List, asked => asked.Method == "POST" ? new FakeServer.Reply(0, string.Empty) : list(asked));
        world.RequestsUntil(() => world.Server.Posts(List).Count > 0);
        Change(world, c => c with { LoadControl = null });
        world.Run(Minute * 30);
        var reads = world.Server.GetTimes(List).Count;
        world.Run(Duration.FromHours(6));
        Assert.Equal(reads, world.Server.GetTimes(List).Count);
    }

    [Fact]
    public void A_server_that_lost_the_device_is_told_again()
    {
        var (world, made) = Create();
        world.Run(Minute * 3);
        var listed = world.Server.Resources["/edev"];
        world.Server.On("/edev", asked => asked.Method == "POST"
            ? new FakeServer.Reply(201, string.Empty, Location: "/edev/1")
            : new FakeServer.Reply(200, $"<EndDeviceList xmlns=\"{Xml.Ns}\" href=\"/edev\" all=\"0\" results=\"0\"/>"));
        world.Run(Minute * 3);
        made.Clear();
        world.Server.On("/edev", listed);
        world.Run(Minute * 7);
        Assert.Equal("4000", GetPower(Assert.Single(made)));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public void A_list_that_can_not_be_read_takes_a_post_all_the_same(int status)
    {
        var (world, made) = Create();
        var list = world.Server.Resources[List];
        world.Server.On(List, asked => asked.Method == "GET" ? new FakeServer.Reply(status, string.Empty) : list(asked));
        world.Run(Minute * 10);
        Assert.Single(made);
    }

    private static (World World, List<string> Made) Create(bool isLost = false, bool hasLocation = true)
    {
        var world = new World(World.Usual with { LoadControl = Policy }).WithTree(60);
        var made = new List<string>();
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi,
            Xml.Links("/edev/1") + $"<LoadShedAvailabilityListLink href=\"{List}\" all=\"0\"/>")]);
        world.Server.List(List, "LoadShedAvailabilityList", string.Empty, () => [.. made.Select((_, i) =>
            $"<LoadShedAvailability href=\"{List}/{i + 1}\"><sheddablePercent>1</sheddablePercent></LoadShedAvailability>")]);
        var list = world.Server.Resources[List];
        world.Server.On(List, asked =>
        {
            if (asked.Method != "POST")
            {
                return list(asked);
            }

            made.Add(asked.Body);
            return new FakeServer.Reply(isLost ? 0 : 201, string.Empty, Location: hasLocation ? $"{List}/{made.Count}" : null);
        });
        world.Server.Status(List + "/1", 204);
        return (world, made);
    }

    private static void Change(World world, Func<DerClientConfig, DerClientConfig> change)
    {
        var previous = world.Config;
        world.Config = change(previous);
        world.Give(new DerInput.ConfigChanged(previous));
    }

    private static string GetPower(string body) => Xml.Text(Xml.Element(body, "sheddablePower"), "value");
}
