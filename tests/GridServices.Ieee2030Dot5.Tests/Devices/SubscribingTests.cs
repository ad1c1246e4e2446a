using System.Text;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>Being told instead of only asking.</summary>
public sealed class SubscribingTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Every_list_that_offers_it_is_subscribed_to_once()
    {
        // CSIP-AUS ALL-14
        var (world, made) = Subscribable();
        world.Run(Minute * 30);

        Assert.Equal(["/derp/1/dderc", "/derp/1/derc", "/edev", "/edev/1/fsa", "/edev/1/fsa/1/derp"], made.Select(b => Xml.Text(b, "subscribedResource")).Order(StringComparer.Ordinal));
        Assert.All(made, b => Assert.Equal("https://me.example/n/1", Xml.Text(b, "notificationURI")));
    }

    [Fact]
    public void A_notification_is_acted_upon_at_once()
    {
        var (world, made) = Subscribable();
        world.Run(Minute);
        world.Server.List("/derp/1/derc", "DERControlList", "subscribable=\"1\"", () => [Xml.Control("C1", world.Now, 600, 700)]);
        var number = made.FindIndex(b => Xml.Text(b, "subscribedResource") == "/derp/1/derc") + 1;
        world.Give(Notify("/derp/1/derc", number)).Run(Duration.FromSeconds(1));

        Assert.Equal(700, Ieee2030Dot5.Tests.Discovery.PagingTests.LimitNow(world));
    }

    [Fact]
    public void A_subscription_that_the_server_lost_is_renewed()
    {
        var (world, made) = Subscribable();
        world.Run(Minute);
        made.RemoveAll(b => Xml.Text(b, "subscribedResource") == "/edev/1/fsa");
        world.Run(Duration.FromHours(1) + Minute);
        Assert.Contains(made, b => Xml.Text(b, "subscribedResource") == "/edev/1/fsa");
    }

    [Fact]
    public void A_refused_subscription_leaves_the_polls()
    {
        var (world, _) = Subscribable();
        world.Server.On("/edev/0/sub", asked => asked.Method == "GET" ? new FakeServer.Reply(200, Xml.Build("SubscriptionList", "all=\"0\" results=\"0\"", string.Empty)) : new FakeServer.Reply(403, string.Empty));
        world.Run(Minute * 30);
        Assert.Equal(5, world.Server.Posts("/edev/0/sub").Count);
        Assert.InRange(world.Server.Gets.Count(p => p == "/edev/1/fsa"), 29, 31);
    }

    [Fact]
    public void Without_an_address_of_ours_nobody_is_asked()
    {
        var (world, made) = Subscribable(notificationUrl: null);
        world.Run(Minute * 5);
        Assert.Empty(made);
        Assert.DoesNotContain("/edev/0/sub", world.Server.Gets);
    }

    private static DerInput.NotificationReceived Notify(string resource, int subscription) => new(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty,
        $"<subscribedResource>{resource}</subscribedResource><status>0</status><subscriptionURI>/edev/0/sub/{subscription}</subscriptionURI>")));

    private static (World World, List<string> Made) Subscribable(string? notificationUrl = "https://me.example/n/1")
    {
        var config = World.Usual with { Mode = DerMode.Aggregator, Devices = [new DerDeviceConfig { SiteId = "site-1", Lfdi = new string('A', 40) }], SiteId = null, Subscriptions = new DerSubscriptions { NotificationUrl = notificationUrl } };
        var world = new World(config).WithTree(60);
        var made = new List<string>();
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\" subscribable=\"1\"", () =>
            [Xml.EndDevice("/edev/0", FakeServer.Lfdi, FakeServer.Sfdi, "<SubscriptionListLink href=\"/edev/0/sub\" all=\"0\"/>"), Xml.EndDevice("/edev/1", new string('A', 40), "0", Xml.Links("/edev/1"))]);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\" subscribable=\"1\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\" subscribable=\"1\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500).Replace("<DefaultDERControl ", "<DefaultDERControl subscribable=\"1\" ", StringComparison.Ordinal));
        world.Server.List("/derp/1/derc", "DERControlList", "subscribable=\"1\"", () => []);
        world.Server.List("/edev/0/sub", "SubscriptionList", string.Empty, () => [.. made.Select((b, i) => b[b.IndexOf("<Subscription", StringComparison.Ordinal)..]
            .Replace("<Subscription ", $"<Subscription href=\"/edev/0/sub/{i + 1}\" ", StringComparison.Ordinal))]);
        var list = world.Server.Resources["/edev/0/sub"];
        world.Server.On("/edev/0/sub", asked =>
        {
            if (asked.Method == "POST")
            {
                made.Add(asked.Body);
                return new FakeServer.Reply(201, string.Empty, Location: $"/edev/0/sub/{made.Count}");
            }

            return list(asked);
        });
        return (world, made);
    }
}
