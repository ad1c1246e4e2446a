using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Hub;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Hub;

/// <summary>A process that begins has heard nobody: what was lost stays lost until the server answers.</summary>
public sealed class UpstreamRuleTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    /// <summary>As stored by the process before: nothing tells yet that the server is away.</summary>
    [Fact]
    public void Nothing_is_ok_before_the_server_was_heard_since_the_start()
    {
        var client = View(new DerLine { HeardAt = Start - Duration.FromHours(1) });
        Assert.Equal(UpstreamStatus.Stale, UpstreamRule.Classify(client, Start).Status);
        Assert.Equal(UpstreamStatus.Lost, UpstreamRule.Classify(client, Start + Duration.FromMinutes(6)).Status);
    }

    [Fact]
    public void A_server_that_was_lost_before_the_start_is_lost_at_once_and_since_then()
    {
        var client = View(new DerLine { LostSince = Start - Duration.FromHours(1) });
        Assert.Equal(UpstreamStatus.Lost, UpstreamRule.Classify(client, Start).Status);
        Assert.Equal(Start - Duration.FromMinutes(55), UpstreamRule.LostBeforeStart(client));
        Assert.Null(UpstreamRule.LostBeforeStart(client with { HeardAt = Start }));

        // One that was lost just before gets what is left of its patience.
        var lately = View(new DerLine { LostSince = Start - Duration.FromMinutes(2) });
        Assert.Equal(UpstreamStatus.Stale, UpstreamRule.Classify(lately, Start + Duration.FromMinutes(2)).Status);
        Assert.Equal(UpstreamStatus.Lost, UpstreamRule.Classify(lately, Start + Duration.FromMinutes(4)).Status);
    }

    private static ClientView View(DerLine line)
    {
        var config = new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" };
        return new ClientView { Id = new("default", "site-1"), Config = config, Engine = config, NotificationId = "n", State = DerClientState.Initial with { Line = line }, Since = Start };
    }
}
