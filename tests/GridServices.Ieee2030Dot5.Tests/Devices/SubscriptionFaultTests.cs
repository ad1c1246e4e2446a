using System.Text;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Tests.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>Servers that keep, list and notify badly: whatever they do, controls are read in time and the server is asked within bounds.</summary>
public sealed class SubscriptionFaultTests
{
    private const string Address = "https://me.example/n/0123456789abcdef0123456789abcdef";
    private const string Controls = "/derp/1/derc";
    private static readonly Duration Second = Duration.FromSeconds(1);
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Duration Hour = Duration.FromHours(1);
    private readonly List<string> _made = [];
    private int _status = 201;
    private bool _isPartial;
    private bool _isLinked = true;
    private string? _unheard;
    private bool _hasLocation = true;

    [Theory]
    [InlineData(255)]
    [InlineData(1)] // three pages
    public void A_storm_of_notifications_is_read_once_a_second_and_the_list_to_its_end(int pageSize)
    {
        var world = Following(World.Usual with { Polling = new DerPolling { PageSize = pageSize } });
        world.Latency = Duration.Zero;
        var start = world.Now;
        world.Server.List(Controls, "DERControlList", "subscribable=\"1\"", () =>
            [Xml.Control("C1", start, 600, 900), Xml.Control("C2", start + Hour, 600, 800), Xml.Control("C3", start + (Hour * 2), 600, 700)]);
        var before = world.Server.Requests.Count;
        for (var i = 0; i < 10_000; i++)
        {
            world.Give(Notify(Controls)).Give(Notify("/edev")).Run(Duration.FromMilliseconds(10));
            if (i == 500)
            {
                Assert.Equal(900, PagingTests.LimitNow(world));
            }
        }

        var (took, asked) = ((world.Now - start).TotalSeconds, world.Server.Requests.Skip(before).ToList());
        Assert.InRange(asked.Count(r => r.Path == "/edev"), 2, took + 2);
        Assert.InRange(asked.Count(r => r.Path == Controls), 2, (took + 2) * (pageSize == 1 ? 3 : 1));
    }

    [Fact]
    public void What_a_list_in_part_does_not_show_is_not_made_again_and_again()
    {
        _isPartial = true;
        var world = Following(World.Usual);
        world.Run(Hour * 6);
        Assert.Equal(5, world.Server.Posts("/edev/1/sub").Count);
    }

    [Fact]
    public void No_list_of_subscriptions_means_the_usual_polls()
    {
        var world = OnHeartbeat();
        _isLinked = false;
        world.Give(Notify("/edev")).Run(Minute);
        Assert.Equal(SubscribedPolls.Usual, Polls(world));
    }

    [Fact]
    public void A_list_of_subscriptions_in_part_means_the_usual_polls()
    {
        var world = OnHeartbeat();
        _isPartial = true;
        world.Run(Hour);
        Assert.Equal(SubscribedPolls.Usual, Polls(world));
    }

    [Fact]
    public void What_the_server_does_not_renew_is_polled_as_usual_though_it_still_lists_it()
    {
        var world = OnHeartbeat();
        _status = 403;
        world.Run(Duration.FromHours(27));
        world.Give(Notify("/edev/1/fsa")).Run(Minute);
        Assert.Equal(SubscribedPolls.Heartbeat, Polls(world));
        var before = world.Server.GetTimes(Controls).Count;
        world.Run(Hour);
        Assert.InRange(world.Server.GetTimes(Controls).Count - before, 55, 65);
    }

    [Fact]
    public void What_cannot_be_read_is_polled_as_usual()
    {
        var world = OnHeartbeat();
        world.Server.Put("/derp/1/dderc", "no default");
        world.Give(Notify("/derp/1/dderc")).Run(Minute);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 400).Replace("<DefaultDERControl ", "<DefaultDERControl subscribable=\"1\" ", StringComparison.Ordinal));
        world.Run(Minute * 2);
        Assert.Equal(400, PagingTests.LimitNow(world));
    }

    [Theory]
    [InlineData("<Notification/>")]
    [InlineData("")]
    [InlineData("\0\0")]
    public void A_notification_that_cannot_be_read_ends_the_heartbeat(string body)
    {
        var world = OnHeartbeat();
        world.Give(new DerInput.NotificationReceived(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(SubscribedPolls.Usual, Polls(world));
    }

    [Fact]
    public void A_program_that_changes_its_rank_untold_ends_the_heartbeat()
    {
        var world = OnHeartbeat();
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\" subscribable=\"1\"", () => [Xml.Program("/derp/1", "A1", 9)]);
        world.Run(Hour + Minute);
        Assert.Equal(SubscribedPolls.Usual, Polls(world));
    }

    [Fact]
    public void What_was_made_by_a_clock_that_was_ahead_is_made_again()
    {
        var world = Following(World.Usual);
        world.Restart(after: -Duration.FromDays(1000)).Run(Minute * 2);
        Assert.Equal(10, world.Server.Posts("/edev/1/sub").Count);
    }

    [Fact]
    public void Subscriptions_that_are_not_wanted_any_more_are_taken_back_once()
    {
        var world = Following(World.Usual);
        Configure(world, null);
        world.Run(Hour * 3);
        Assert.Equal(5, world.Server.Requests.Where(r => r.Method == "DELETE").Select(r => r.Path).Distinct().Count());
        Assert.Equal(5, world.Server.Requests.Count(r => r.Method == "DELETE"));
        Assert.Empty(world.State.Subscriptions);
    }

    [Fact]
    public void A_subscription_whose_answer_was_lost_is_found_in_the_list_and_not_made_twice()
    {
        _unheard = Controls;
        var world = Following(World.Usual);
        world.Run(Minute * 10).Restart().Run(Hour * 2);
        Assert.Equal(5, world.Server.Posts("/edev/1/sub").Count);
        Assert.Equal(5, SubscriptionHealth.For(world.Config, world.State, world.Now)!.Held);
        Assert.DoesNotContain(world.Server.Requests, r => r.Method == "DELETE");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_subscription_whose_answer_was_lost_is_taken_back_too(bool isDeleted)
    {
        _unheard = Controls;
        var world = Following(World.Usual, runs: false);
        for (var i = 0; i < 1000 && !_made.Any(b => b.Contains($">{Controls}<", StringComparison.Ordinal)); i++)
        {
            world.Run(Duration.FromMilliseconds(10));
        }

        Assert.True(world.State.MayBeSubscribed());
        if (isDeleted)
        {
            world.Restart().Give(new DerInput.Leaving()).Run(Second * 5);
        }
        else
        {
            Configure(world, null);
            world.Restart().Run(Hour);
            var reads = world.Server.GetTimes("/edev/1/sub").Count;
            world.Run(Hour * 6);
            Assert.Equal(reads, world.Server.GetTimes("/edev/1/sub").Count);
        }

        var deleted = world.Server.Requests.Where(r => r.Method == "DELETE").Select(r => r.Path).ToList();
        Assert.Equal(Enumerable.Range(1, _made.Count).Select(n => $"/edev/1/sub/{n}"), deleted.Order(StringComparer.Ordinal));
        Assert.False(world.State.MayBeSubscribed());
    }

    /// <summary>A client that is deleted while its request is under way waits for no answer; neither does a process that dies.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_subscription_whose_request_was_cut_short_is_taken_back_too(bool dies)
    {
        var world = Following(World.Usual, runs: false);
        var before = world.State;
        world.RequestsUntil(() =>
        {
            before = _made.Count == 0 ? world.State : before;
            return _made.Count > 0;
        });
        world.State = before;
        if (dies)
        {
            world.Restart();
        }

        Assert.True(world.State.MayBeSubscribed(world.Config, world.Now));
        world.Give(new DerInput.Leaving()).Run(Second * 5);
        Assert.Equal(["/edev/1/sub/1"], world.Server.Requests.Where(r => r.Method == "DELETE").Select(r => r.Path));
        Assert.False(world.State.MayBeSubscribed(world.Config, world.Now));
    }

    [Fact]
    public void A_subscription_whose_answer_named_no_place_is_taken_back_from_where_the_list_shows_it()
    {
        _hasLocation = false;
        var world = Following(World.Usual, runs: false);
        world.RequestsUntil(() => _made.Count > 0);
        world.Give(new DerInput.Leaving()).Run(Second * 5);
        Assert.Equal(["/edev/1/sub/1"], world.Server.Requests.Where(r => r.Method == "DELETE").Select(r => r.Path));
    }

    [Fact]
    public void A_client_about_to_be_deleted_takes_its_subscriptions_back_and_goes_on_if_it_is_not()
    {
        var world = Following(World.Usual);
        var before = world.Server.Requests.Count;
        world.Give(new DerInput.Leaving()).Run(Second * 2);
        Assert.Equal(Enumerable.Repeat("DELETE", 5), world.Server.Requests.Skip(before).Select(r => r.Method));

        _made.Clear();
        world.Run(Hour * 2);
        Assert.Equal(5, _made.Count);
    }

    [Fact]
    public void Another_address_is_told_at_once_and_no_heartbeat_relies_on_the_former()
    {
        var world = OnHeartbeat();
        Configure(world, Address.Replace("me.example", "new.example", StringComparison.Ordinal));
        Assert.Equal(SubscribedPolls.Usual, Polls(world));
        world.Run(Second * 5);
        Assert.Equal(5, _made.Count(b => b.Contains("new.example", StringComparison.Ordinal)));
    }

    private static void Configure(World world, string? address)
    {
        var previous = world.Config;
        world.Config = previous with { Subscriptions = previous.Subscriptions with { NotificationUrl = address } };
        world.Give(new DerInput.ConfigChanged(previous));
    }

    private static SubscribedPolls Polls(World world) => SubscriptionHealth.For(world.Config, world.State, world.Now)!.Polls;

    private static DerInput.NotificationReceived Notify(string resource) => new(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty,
        $"<subscribedResource>{resource}</subscribedResource><status>0</status>")));

    private World OnHeartbeat()
    {
        var world = Following(World.Usual, Hour);
        world.Give(Notify("/edev/1/fsa")).Run(Minute);
        Assert.Equal(SubscribedPolls.Heartbeat, Polls(world));
        return world;
    }

    private World Following(DerClientConfig config, Duration? heartbeat = null, bool runs = true)
    {
        var world = new World(config with { Subscriptions = new DerSubscriptions { NotificationUrl = Address, Heartbeat = heartbeat } }).WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\" subscribable=\"1\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + (_isLinked ? "<SubscriptionListLink href=\"/edev/1/sub\" all=\"0\"/>" : string.Empty))]);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\" subscribable=\" 1 \"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\" subscribable=\"1\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500).Replace("<DefaultDERControl ", "<DefaultDERControl subscribable=\"1\" ", StringComparison.Ordinal));
        world.Server.List(Controls, "DERControlList", "subscribable=\"1\"", () => []);
        world.Server.List("/edev/1/sub", "SubscriptionList", string.Empty, () => [.. _made.Select((body, i) => Listed(body, i + 1))]);
        var list = world.Server.Resources["/edev/1/sub"];
        world.Server.On("/edev/1/sub", asked => asked.Method == "POST" ? Take(world, asked)
            : _isPartial ? new FakeServer.Reply(200, Xml.Build("SubscriptionList", "href=\"/edev/1/sub\" all=\"9\" results=\"0\"", string.Empty))
            : list(asked));
        return runs ? world.Run(Minute) : world.Give(new DerInput.Started());
    }

    private static string Listed(string body, int number) =>
        $"<Subscription href=\"/edev/1/sub/{number}\"><subscribedResource>{Xml.Text(body, "subscribedResource")}</subscribedResource><encoding>0</encoding><level>+S1</level><limit>1</limit>"
        + $"<notificationURI>{Xml.Text(body, "notificationURI")}</notificationURI></Subscription>";

    private FakeServer.Reply Take(World world, FakeServer.Asked asked)
    {
        if (_status != 201)
        {
            return new FakeServer.Reply(_status, string.Empty);
        }

        _made.Add(asked.Body);
        world.Server.Status($"/edev/1/sub/{_made.Count}", 405);
        return _unheard is { } lost && asked.Body.Contains($">{lost}<", StringComparison.Ordinal)
            ? new FakeServer.Reply(0, string.Empty)
            : new FakeServer.Reply(201, string.Empty, Location: _hasLocation ? $"/edev/1/sub/{_made.Count}" : null);
    }
}
