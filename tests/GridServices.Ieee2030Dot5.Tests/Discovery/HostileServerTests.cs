using System.Text.Json;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Bodies and servers made to hurt, as a client meets them; the error class is that of the collection's index.</summary>
public sealed class HostileServerTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData("S5-013", "/derp/1/derc", ErrorClass.SchemaInvalid)]
    [InlineData("S5-014", "/derp/1/derc", ErrorClass.Malformed)]
    [InlineData("S5-018", "/derp/1/derc", ErrorClass.ListInconsistent)]
    [InlineData("S5-040", "/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("S5-041", "/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("S5-042", "/derp/1/derc", ErrorClass.SsrfBlocked)]
    [InlineData("S5-051", "/tm", ErrorClass.ClockSkew)]
    [InlineData("S5-052", "/tm", ErrorClass.SemanticTime)]
    [InlineData("S5-055", "/edev", ErrorClass.AuthzLfdi)]
    [InlineData("S5-056", "/edev", ErrorClass.SemanticSfdi)]
    public void A_hostile_answer_is_refused_by_its_class_and_nothing_goes_astray(string id, string path, ErrorClass expected)
    {
        var world = new World(World.Usual with { Registration = DerRegistration.OutOfBand }).WithTree(60);
        world.Server.Put(path, File.ReadAllText(TestData.Path($"hostile/ieee2030-5/{id}-a.xml")));
        world.Run(Minute * 5);

        Assert.Contains(world.Notes, n => n.Class == expected);
        Assert.All(world.Server.Requests, r => Assert.StartsWith("/", r.Request.Href, StringComparison.Ordinal));
        Assert.All(world.Server.Requests, r => Assert.DoesNotContain("169.254", r.Request.Href, StringComparison.Ordinal));
        Assert.InRange(world.Server.Requests.Count, 5, 120);
    }

    [Theory]
    [InlineData("S5-070", ErrorClass.LoopDetected)]
    [InlineData("S5-071", ErrorClass.LoopDetected)]
    [InlineData("S5-072", ErrorClass.LoopDetected)]
    [InlineData("S5-073", ErrorClass.LoopDetected)]
    [InlineData("S5-075", ErrorClass.LastKnownGood)]
    public void A_hostile_server_is_seen_through(string id, ErrorClass expected)
    {
        var world = new World(World.Usual with { Polling = new DerPolling { PageSize = 1 } }).WithTree(60);
        using var scenario = JsonDocument.Parse(File.ReadAllText(TestData.Path($"hostile/ieee2030-5/{id}-a.json")));
        foreach (var route in scenario.RootElement.GetProperty("routes").EnumerateArray())
        {
            Serve(world.Server, route.Clone());
        }

        world.Run(Minute * 10);
        Assert.Contains(world.Notes, n => n.Class == expected);
        Assert.InRange(world.Server.Requests.Count, 1, 400);
    }

    [Theory]
    [InlineData("S5-061", ErrorClass.SsrfBlocked)]
    [InlineData("S5-062", ErrorClass.TypeMismatch)]
    public void A_hostile_notification_triggers_nothing(string id, ErrorClass expected)
    {
        var world = new World(World.Usual with { Subscriptions = new DerSubscriptions { NotificationUrl = "https://me.example/n" } }).WithTree(600);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"600\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + "<SubscriptionListLink href=\"/edev/1/sub\" all=\"1\"/>")]);
        world.Server.List("/edev/1/sub", "SubscriptionList", string.Empty, () =>
            ["<Subscription href=\"/edev/1/sub/1\"><subscribedResource>/derp/1/derc</subscribedResource><encoding>0</encoding><level>+S1</level><limit>1</limit><notificationURI>https://me.example/n</notificationURI></Subscription>"]);
        world.Run(Minute);
        var requests = world.Server.Requests.Count;

        world.Give(new DerInput.NotificationReceived(File.ReadAllBytes(TestData.Path($"hostile/ieee2030-5/{id}-a.xml")))).Run(Minute);
        // Nothing is asked of what it names elsewhere; a resource of the server's own is merely read again.
        Assert.All(world.Server.Requests.Skip(requests), r => Assert.Equal(("GET", "/derp/1/derc"), (r.Method, r.Path)));
        Assert.Contains(world.Notes, n => n.Class == expected);
    }

    private static void Serve(FakeServer server, JsonElement route)
    {
        var answers = route.TryGetProperty("sequence", out var sequence) ? sequence.EnumerateArray().ToList() : [route];
        var asked = 0;
        server.On(route.GetProperty("match").GetString()!, request =>
        {
            var answer = answers[Math.Min(asked++, answers.Count - 1)];
            var body = answer.TryGetProperty("body", out var b) ? b.GetString()! : string.Empty;
            var location = answer.TryGetProperty("headers", out var headers) ? headers.GetProperty("Location").GetString() : null;
            return new FakeServer.Reply(answer.GetProperty("status").GetInt32(),
                body.Replace("{{s+100}}", $"{(request.From ?? 0) + 100}", StringComparison.Ordinal).Replace("{{s:032X}}", $"{request.From ?? 0:X32}", StringComparison.Ordinal), location);
        });
    }
}
