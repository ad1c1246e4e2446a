using GridServices.Adapters.Messages;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Mqtt;

/// <summary>What goes out to a broker that takes its time.</summary>
public sealed class MqttAdapterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_will_is_void_only_if_all_of_the_parting_was_acknowledged(bool acknowledges)
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        using (var line = Line(broker, feed, () => [Message("a", "1")], lastWords: acknowledges ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(1)))
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
    public async Task A_limit_that_begins_while_the_broker_takes_its_time_is_said_at_once()
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        var limit = "30000";
        using var line = Line(broker, feed, () => [Message("a", "1"), Message("b", Volatile.Read(ref limit))]);
        broker.HoldBack();
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Contains(("b", "30000")));
        Volatile.Write(ref limit, "0");
        await Until.HoldsAsync(() => broker.Published is [.., ("b", "0")]);
        broker.Acknowledge();
        await stop.CancelAsync();
        await running;
    }

    // Twenty topics at a broker 150 ms away took three seconds, one after the other.
    [Fact]
    public async Task Sixteen_messages_are_under_way_at_once_and_those_after_them_are_made_when_they_are_sent()
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        var limit = "30000";
        using var line = Line(broker, feed, () => [.. Enumerable.Range(0, 20).Select(i => Message($"t{i}", Volatile.Read(ref limit)))]);
        broker.HoldBack();
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Count == 16);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => ($"t{i}", "30000")), broker.Published);
        Volatile.Write(ref limit, "0");
        broker.Acknowledge();
        await Until.HoldsAsync(() => broker.Published.Select(p => p.Topic).Distinct().Count() == 20);
        Assert.All(broker.Published.Skip(16), p => Assert.Equal("0", p.Text));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_broker_that_takes_the_connection_and_says_nothing_is_left_and_come_to_anew()
    {
        await using var broker = new SlowBroker(mute: 1);
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        using var line = Line(broker, feed, () => [Message("a", "1")], patience: TimeSpan.FromSeconds(1));
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Contains(("a", "1")));
        Assert.True(broker.Connections >= 2);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_message_that_is_never_acknowledged_ends_the_line_without_a_farewell_and_what_holds_then_is_said_on_the_next()
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        var limit = "30000";
        using var line = Line(broker, feed, () => [Message("a", Volatile.Read(ref limit))], patience: TimeSpan.FromSeconds(1));
        broker.HoldBack();
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Contains(("a", "30000")));
        Volatile.Write(ref limit, "0");
        await Until.HoldsAsync(() => broker.IsLeft && broker.Connections >= 2);
        Assert.False(broker.IsParted);
        broker.Acknowledge();
        await Until.HoldsAsync(() => broker.Published is [.., ("a", "0")]);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task The_peer_counts_as_told_once_all_was_acknowledged_and_no_longer_than_the_line_holds()
    {
        await using var broker = new SlowBroker();
        using var stop = new CancellationTokenSource();
        using var feed = Feed();
        using var line = Line(broker, feed, () => [Message("a", "1"), Message("b", "2")]);
        broker.HoldBack();
        var running = line.RunAsync(stop.Token);
        await Until.HoldsAsync(() => broker.Published.Count == 2);
        Assert.False(feed.IsAccepted(feed.GetSnapshot().Limits));
        broker.Acknowledge();
        await Until.HoldsAsync(() => feed.IsAccepted(feed.GetSnapshot().Limits));
        await stop.CancelAsync();
        await running;
        Assert.False(feed.IsAccepted(feed.GetSnapshot().Limits));
    }

    private static PeerMessage Message(string topic, string text) => new(topic, text, IsRetained: true, Duration.FromMinutes(5));

    // Never run: nothing is asked of the hub.
    private static SiteFeed Feed() => new(Plans.Create("s"), TimeProvider.System, NullLogger.Instance);

    private static MqttAdapter Line(SlowBroker broker, SiteFeed feed, Func<IReadOnlyList<PeerMessage>> now, TimeSpan? patience = null, TimeSpan? lastWords = null) => new(
        "a",
        new MqttPlan(new BrokerSettings { Address = $"mqtt://127.0.0.1:{broker.Port}" }, _ => now(), _ => [Message("a", "left")], "online", ["a", "b", "online"]),
        feed,
        TimeProvider.System,
        NullLogger.Instance)
    {
        Patience = patience ?? TimeSpan.FromMinutes(5),
        LastWords = lastWords ?? TimeSpan.FromSeconds(1),
    };
}
