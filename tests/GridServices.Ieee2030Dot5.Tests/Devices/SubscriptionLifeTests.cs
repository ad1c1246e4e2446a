using System.Text;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Tests.Procedures;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>Subscriptions over days, against the simulated utility in virtual time: made, renewed, lost, ended, and never relied on further than they carry.</summary>
public sealed class SubscriptionLifeTests
{
    private const string Address = "https://client.example/ieee2030-5/notifications/0123456789abcdef0123456789abcdef";
    private const string Controls = "/edev/1/derp/1/derc";
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Duration Hour = Duration.FromHours(1);

    private static readonly string[] FiveLists = ["/edev", "/edev/1/derp/1/dderc", Controls, "/edev/1/fsa", "/edev/1/fsa/1/derp"];

    [Theory] // CSIP-AUS ALL-14
    [InlineData(DerMode.Aggregator)]
    [InlineData(DerMode.Direct)]
    public void Each_of_the_five_lists_is_subscribed_to_by_an_aggregator_and_by_a_device_of_its_own(DerMode mode)
    {
        var world = Following(mode);
        Assert.Equal(FiveLists, Subscribed(world).Where(r => FiveLists.Contains(r, StringComparer.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        Assert.All(world.Utility.Subscriptions, s => Assert.Equal((mode == DerMode.Aggregator ? 0 : 1, Address), (s.Device, s.NotificationUri)));
        Assert.Equal((5, 5), (Health(world).Offered, Health(world).Held));
    }

    [Fact]
    public void They_are_made_again_before_the_server_drops_them_for_their_age()
    {
        var world = Following();
        world.Utility.SubscriptionLife = Duration.FromHours(36);
        for (var day = 0; day < 3; day++)
        {
            world.Pass(Duration.FromHours(24));
            Assert.All(world.Utility.Subscriptions, s => Assert.True(world.Now - s.At < Duration.FromHours(25), $"{s.Resource} is of {s.At}"));
        }

        Assert.DoesNotContain(world.Notes, n => n.Contains("no longer holds", StringComparison.Ordinal));
    }

    [Fact]
    public void A_restart_makes_none_again_that_the_server_holds()
    {
        var world = Following();
        var before = Posts(world);
        world.Restart();
        world.Pass(Minute * 10);
        Assert.Equal(before, Posts(world));
        Assert.Equal(5, Health(world).Held);
    }

    [Fact]
    public void What_the_server_lost_is_told_and_made_again()
    {
        var world = Following();
        world.Utility.DropSubscriptions(Controls);
        world.Pass(Hour + (Minute * 2));
        Assert.Contains(Controls, Subscribed(world));
        Assert.Contains(world.Notes, n => n.Contains($"no longer holds the subscription to {Controls}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_keeps_none_is_asked_ever_more_seldom_and_polled_as_usual()
    {
        var world = Following(heartbeat: Hour);
        world.Utility.SubscriptionLife = Duration.Zero;
        var (before, polls) = (Posts(world), Polls(world));
        world.Pass(Duration.FromHours(6));
        Assert.InRange(Posts(world) - before, 5, 5 * 20);
        Assert.InRange(Polls(world) - polls, 330, 400);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Each_status_that_ends_a_subscription_is_acted_upon(int status, bool leadsBack)
    {
        var world = Following();
        var since = world.Utility.Log.Requests().Count;
        world.Utility.NotifySubscribers(Controls, status, status == 2 ? "/edev/1/derp/1/elsewhere" : null);
        world.Pass(Duration.FromSeconds(5));
        var asked = Requests(world, since);
        Assert.Contains($"GET {Controls}", asked);
        Assert.Contains("GET /edev/0/sub", asked);
        Assert.Equal(leadsBack, asked.Contains("GET /edev/1/fsa/1/derp"));
        Assert.DoesNotContain("GET /edev/1/derp/1/elsewhere", asked);

        world.Pass(Minute * 15);
        Assert.Contains(Controls, Subscribed(world));
        Assert.Equal(5, Health(world).Held);
    }

    [Fact]
    public void What_is_notified_twice_counts_once()
    {
        var world = Following();
        var since = world.Utility.Log.Requests().Count;
        var twice = new DerInput.NotificationReceived(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty,
            $"<subscribedResource>{Controls}</subscribedResource><status>1</status><subscriptionURI>/edev/1/sub/1</subscriptionURI>")));
        world.Utility.DropSubscriptions(Controls);
        world.Give(twice);
        world.Give(twice);
        world.Pass(Minute * 20);
        Assert.Single(Requests(world, since), "POST /edev/0/sub");
    }

    [Fact]
    public void Stale_and_double_ones_of_ours_are_removed_and_those_of_others_stay()
    {
        var world = Following();
        Subscribe(world, Controls, Address.Replace("client.example", "old.example", StringComparison.Ordinal), device: 1);
        Subscribe(world, "/edev", Address, device: 1);
        Subscribe(world, "/edev/1/fsa", "https://other.example/hook", device: 1);
        world.Utility.AddProgram(3, fsa: 2);
        world.Pass(Minute * 5);
        world.Utility.RemoveProgram(world.Utility.Programs[1]);
        world.Pass(Hour * 3);

        Assert.Equal(FiveLists, world.Utility.Subscriptions.Where(s => s.Device == 0).Select(s => s.Resource).Order(StringComparer.Ordinal));
        Assert.Equal(3, world.Utility.Subscriptions.Count(s => s.Device == 1));
    }

    [Fact]
    public void Double_ones_in_one_list_leave_the_newest()
    {
        var world = Following(DerMode.Direct);
        Subscribe(world, "/edev/1/fsa", Address.Replace("client.example", "old.example", StringComparison.Ordinal), device: 1);
        world.Pass(Hour * 2);
        Assert.Equal(FiveLists, world.Utility.Subscriptions.Select(s => s.Resource).Order(StringComparer.Ordinal));
        Assert.All(world.Utility.Subscriptions, s => Assert.Equal(Address, s.NotificationUri));
    }

    [Fact]
    public void The_heartbeat_begins_with_the_first_notification_and_not_before()
    {
        var world = Following(heartbeat: Hour);
        var polls = Polls(world);
        world.Pass(Minute * 30);
        Assert.InRange(Polls(world) - polls, 28, 31);
        Assert.Equal(SubscribedPolls.Usual, Health(world).Polls);

        Issue(world);
        world.Pass(Minute);
        Assert.Equal(SubscribedPolls.Heartbeat, Health(world).Polls);
        polls = Polls(world);
        world.Pass(Hour * 5);
        Assert.InRange(Polls(world) - polls, 4, 6);
    }

    [Fact]
    public void Without_a_heartbeat_the_usual_polls_go_on()
    {
        var world = Following();
        Issue(world);
        world.Pass(Minute);
        var polls = Polls(world);
        world.Pass(Hour);
        Assert.InRange(Polls(world) - polls, 58, 61);
    }

    [Fact]
    public void A_change_that_no_notification_told_of_brings_the_usual_polls_back_until_one_arrives()
    {
        var world = OnHeartbeat();
        world.IsDeaf = true;
        Issue(world);
        world.Pass(Hour + Minute);
        Assert.Contains(world.Notes, n => n.Contains("no notification told of it", StringComparison.Ordinal));
        Assert.NotNull(Health(world).DoubtedSince);
        Assert.InRange(PollsIn(world, Hour), 58, 61);

        world.IsDeaf = false;
        Issue(world);
        world.Pass(Minute);
        Assert.Equal((SubscribedPolls.Heartbeat, null), (Health(world).Polls, Health(world).DoubtedSince));
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("refused at the door")]
    [InlineData("listener shut")]
    [InlineData("outage")]
    [InlineData("lost")]
    public void Whatever_may_cost_a_notification_brings_the_usual_polls_back(string what)
    {
        var world = OnHeartbeat();
        switch (what)
        {
            case "restart":
                world.Restart();
                break;
            case "refused at the door":
                world.Give(new DerInput.NotificationRefused("it is somebody else"));
                break;
            case "listener shut":
                world.Give(new DerInput.NotificationsShut("the listener's certificate expired"));
                break;
            case "outage":
                world.Utility.Faults.Outage = 500;
                world.Pass(Minute * 15);
                world.Utility.Faults.Clear();
                world.Pass(Minute * 5);
                break;
            default:
                world.Utility.SubscriptionLife = Duration.Zero;
                world.Pass(Hour + Minute);
                break;
        }

        Assert.InRange(PollsIn(world, Minute * 30), 28, 40);
    }

    private static ProcedureWorld OnHeartbeat()
    {
        var world = Following(heartbeat: Hour);
        Issue(world);
        world.Pass(Minute);
        Assert.Equal(SubscribedPolls.Heartbeat, Health(world).Polls);
        return world;
    }

    private static ProcedureWorld Following(DerMode mode = DerMode.Aggregator, Duration? heartbeat = null)
    {
        var config = PublicProcedureTests.CreateConfig("ALL-14", SimDialect.CsipAus12) with
        {
            Mode = mode,
            Pin = null,
            Subscriptions = new DerSubscriptions { NotificationUrl = Address, Heartbeat = heartbeat },
        };
        var world = new ProcedureWorld(SimDialect.CsipAus12, config, utility =>
        {
            if (mode == DerMode.Aggregator)
            {
                utility.Register(ProcedureWorld.LFdi, number: 0);
            }

            utility.AddProgram(1);
        });
        world.Pass((Minute * 3) + Duration.FromSeconds(20));
        return world;
    }

    private static void Issue(ProcedureWorld world) =>
        world.Utility.AddControl(world.Utility.Programs[0], world.Now + Duration.FromDays(1), Minute * 5, SimModes.Create(("opModExpLimW", 1000)));

    private static void Subscribe(ProcedureWorld world, string resource, string address, int device)
    {
        var body = Xml.Build("Subscription", string.Empty,
            $"<subscribedResource>{resource}</subscribedResource><encoding>0</encoding><level>+S1</level><limit>1</limit><notificationURI>{address}</notificationURI>");
        var lfdi = world.Utility.Devices.Single(d => d.Number == device).LFdi;
        var reply = world.Utility.Handle(new SimRequest("POST", $"/edev/{device}/sub") { ContentType = "application/sep+xml", Body = Encoding.UTF8.GetBytes(body), LFdi = device == 0 ? ProcedureWorld.LFdi : lfdi });
        Assert.Equal(201, reply.Status);
    }

    private static SubscriptionHealth Health(ProcedureWorld world) => SubscriptionHealth.For(world.Config, world.State, world.Now)!;

    private static IEnumerable<string> Subscribed(ProcedureWorld world) => world.Utility.Subscriptions.Select(s => s.Resource);

    private static List<string> Requests(ProcedureWorld world, int since) => [.. world.Utility.Log.Requests().Skip(since).Select(r => $"{r.Method} {r.Path}")];

    private static int Posts(ProcedureWorld world) => world.Utility.Log.Requests().Count(r => r.Method == "POST" && r.Path.EndsWith("/sub", StringComparison.Ordinal));

    private static int Polls(ProcedureWorld world) => world.Utility.Log.Requests().Count(r => r.Method == "GET" && r.Path == Controls);

    private static int PollsIn(ProcedureWorld world, Duration span)
    {
        var before = Polls(world);
        world.Pass(span);
        return Polls(world) - before;
    }
}
