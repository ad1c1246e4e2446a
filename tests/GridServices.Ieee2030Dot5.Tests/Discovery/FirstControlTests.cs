using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>From nothing to the first limit in force.</summary>
public sealed class FirstControlTests
{
    [Fact]
    public void No_more_requests_than_the_nine_of_EPRI_until_the_first_control_is_in_force()
    {
        var world = new World().WithTree();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Duration.FromMinutes(1), 3600, 700)]);

        var requests = world.RequestsUntil(() => world.Envelope?.Segments.Any(s => s.Limits.ExportLimitW == 700) == true);

        Assert.True(requests <= 9, $"{requests} requests: {string.Join(", ", world.Server.Requests.Select(r => r.Path))}");
        Assert.All(world.Server.Requests, r => Assert.Equal("GET", r.Method));
    }

    [Fact]
    public void A_client_of_two_members_finds_the_default_of_its_program()
    {
        var world = new World(new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1", Lfdi = FakeServer.Lfdi }).WithTree();
        world.Run(Duration.FromSeconds(30));

        Assert.Equal(1500, world.Envelope!.Segments[0].Limits.ExportLimitW);
        Assert.Equal("site-1", world.Envelope.SiteId);
    }
}
