using GridServices.Adapters.Messages;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Client;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Mqtt;

/// <summary>What goes out to a broker that takes its time.</summary>
public sealed class MqttLineTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_will_is_void_only_if_all_of_the_parting_was_acknowledged(bool acknowledges)
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        using (var line = Line(broker, feed, () => [Message("a", "1")]))
        {
            var running = line.RunAsync(stop.Token);
            await Until.HoldsAsync(() => broker.Published.Contains(("a", "1")));
            if (!acknowledges)
            {
                broker.HoldBack();
            }

            await stop.CancelAsync();
            await running;
        }

        await Until.HoldsAsync(() => broker.IsLeft);
        Assert.Contains(("a", "left"), broker.Published);
        Assert.Equal(acknowledges, broker.IsParted);
    }

    [Fact]
    public async Task What_was_true_before_an_acknowledgement_is_not_said_after_it()
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        var limit = "30000";
        using var line = Line(broker, feed, () => [Message("a", "1"), Message("b", limit)]);
        broker.HoldBack();
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Contains(("a", "1")));
        Volatile.Write(ref limit, "0");
        broker.Acknowledge();
        await Until.HoldsAsync(() => broker.Published.Any(p => p.Topic == "b"));
        Assert.Equal("0", broker.Published.First(p => p.Topic == "b").Text);
        await stop.CancelAsync();
        await running;
    }

    private static PeerMessage Message(string topic, string text) => new(topic, text, IsRetained: true, Duration.FromMinutes(5));

    // Never run: nothing is asked of the hub.
    private static SiteFeed Feed() => new(
        "a",
        new SiteSessionOptions { Hub = new HubClientOptions { Hub = new Uri("http://127.0.0.1:1"), Token = "t", SiteId = "s" } },
        Duration.FromSeconds(120),
        TimeProvider.System,
        NullLogger.Instance);

    private static MqttLine Line(SlowBroker broker, SiteFeed feed, Func<IReadOnlyList<PeerMessage>> now) => new(
        "a",
        new MqttPlan(new BrokerSettings { Address = $"mqtt://127.0.0.1:{broker.Port}" }, _ => now(), _ => [Message("a", "left")], "online", ["a", "b", "online"]),
        feed,
        TimeProvider.System,
        NullLogger.Instance);
}
