using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Tests.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>A notification is about the resource that it names, however the server spells it or its subscription; what it names is read from the server.</summary>
public sealed class NotificationTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData("/edev/1/derp/1/derc", "/edev/0/sub/5")]
    [InlineData("/edev/1/derp/1/derc", "/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc", "/edev/9/sub/77")]
    [InlineData("/edev/1/derp/1/derc/", "/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc?s=0&amp;l=10", "/edev/1/sub/5")]
    [InlineData("https://utility.example/edev/1/derp/1/derc", "https://utility.example/edev/1/sub/5")]
    [InlineData("https://UTILITY.example:443/edev/1/derp/1/derc", "/edev/1/sub/5")]
    [InlineData("edev/1/derp/1/derc", "edev/1/sub/5")]
    [InlineData("/edev/0/derp/1/derc", "/edev/0/sub/5")]
    [InlineData("/edev/1/derp/1/%64erc", "/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc/C7", "/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc", "http://utility.example/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc", "https://sep2.internal:8443/edev/1/sub/5")]
    [InlineData("/edev/1/derp/1/derc", "not a URI")]
    [InlineData("/edev/1/derp/1/derc", "")]
    public void The_resource_decides_whatever_its_spelling_and_the_subscriptions(string resource, string subscription)
    {
        var world = Following();
        world.Server.List("/edev/1/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", world.Now, 600, 700)]);
        var before = world.Server.Requests.Count;
        world.Give(Notify(resource, subscription)).Run(Duration.FromSeconds(1));

        Assert.Equal(["/edev/1/derp/1/derc"], world.Server.Requests.Skip(before).Where(r => r.Method == "GET").Select(r => r.Path));
        Assert.Equal(700, PagingTests.LimitNow(world));
    }

    [Theory]
    [InlineData("/edev/1/derp/2/derc", ErrorClass.AuthzSubscription)]
    [InlineData("/edev/7/derp/1/derc", ErrorClass.AuthzSubscription)]
    [InlineData("/", ErrorClass.AuthzSubscription)]
    [InlineData("https://evil.example/edev/1/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("http://utility.example/edev/1/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("//evil.example/edev/1/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("/edev/2/../1/derp/1/derc", ErrorClass.SsrfBlocked)]
    public void What_is_none_of_ours_is_told_and_nothing_is_read(string resource, ErrorClass expected)
    {
        var world = Following();
        var before = world.Server.Requests.Count;
        world.Give(Notify(resource, "/edev/1/sub/5")).Run(Duration.FromSeconds(1));

        Assert.Equal(before, world.Server.Requests.Count);
        Assert.Contains(world.Notes, n => n.Class == expected);
    }

    [Theory]
    [InlineData("<subscribedResource>/edev/1/derp/1/derc</subscribedResource><status>0</status>")]
    [InlineData("<subscribedResource>/edev/1/derp/1/derc</subscribedResource>")]
    [InlineData("<subscribedResource>/edev/1/derp/1/derc</subscribedResource><status>x</status><subscriptionURI>/edev/1/sub/1</subscriptionURI>")]
    [InlineData("<subscribedResource>/edev/1/derp/1/derc</subscribedResource><Resource xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Anything\"/><status>0</status>")]
    [InlineData("<subscribedResource>/edev/1/derp/1/derc</subscribedResource><Resource xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"DERControlList\" all=\"x\"/><status>0</status>")]
    [InlineData("<subscribedResource>/derc/C1</subscribedResource><status>0</status>")]
    public void What_names_a_subscribed_resource_leads_to_a_reading_of_it_whatever_else_is_missing(string content)
    {
        foreach (var tail in new[] { string.Empty, "\0", "\0\0\0" })
        {
            var world = Following();
            world.Server.List("/edev/1/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", world.Now, 600, 700)]);
            world.Give(new DerInput.OperatorAction(DerAction.Rediscover)).Run(Minute);
            var before = world.Server.Requests.Count;
            world.Give(new DerInput.NotificationReceived(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty, content) + tail))).Run(Duration.FromSeconds(1));
            Assert.Equal(["/edev/1/derp/1/derc"], world.Server.Requests.Skip(before).Where(r => r.Method == "GET").Select(r => r.Path));
        }
    }

    [Fact]
    public void The_body_of_a_notification_is_never_believed()
    {
        var world = Following();
        var forged = Xml.Control("C9", world.Now, 600, 9);
        world.Give(Notify("/edev/1/derp/1/derc", "/edev/1/sub/5",
            $"<Resource xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"DERControlList\" all=\"1\" results=\"1\">{forged}</Resource>")).Run(Duration.FromSeconds(1));
        Assert.Equal(1500, PagingTests.LimitNow(world));
    }

    [Fact]
    public void A_server_that_always_names_it_otherwise_is_remarked_on_once()
    {
        var world = Following();
        for (var i = 0; i < 5; i++)
        {
            world.Give(Notify("/edev/1/derp/1/derc", "/edev/1/sub/5")).Run(Duration.FromSeconds(2));
        }

        Assert.Single(world.Notes, n => n.Class == ErrorClass.AuthzSubscription);
    }

    private static World Following()
    {
        var world = new World().WithTree(3600);
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", string.Empty, () => [Xml.Program("/edev/1/derp/1", "A1", 1)]);
        world.Server.Put("/edev/1/derp/1/dderc", Xml.Default("D1", 1500));
        world.Server.List("/edev/1/derp/1/derc", "DERControlList", string.Empty, () => []);
        return world.Run(Minute);
    }

    private static DerInput.NotificationReceived Notify(string resource, string subscription, string more = "") => new(Encoding.UTF8.GetBytes(Xml.Build("Notification", string.Empty,
        $"<subscribedResource>{resource}</subscribedResource>{more}<status>0</status><subscriptionURI>{subscription}</subscriptionURI>")));
}
