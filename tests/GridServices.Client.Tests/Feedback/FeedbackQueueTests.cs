using System.Text.Json;
using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using GridServices.Testing;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Receipts;

public sealed class FeedbackQueueTests
{
    [Fact]
    public async Task Receipts_go_before_readings_and_all_arrive_in_order()
    {
        await using var hub = await FakeHub.StartAsync();
        var queue = new FeedbackQueue();
        for (var i = 0; i < 1_200; i++)
        {
            queue.Add(Reading(i));
        }

        queue.Add(new Receipt { EnvelopeId = Guid.NewGuid(), Revision = 1, State = ReceiptState.Received, At = T0 });
        await SendAllAsync(hub, queue);
        Assert.Equal(["receipts", "telemetry", "telemetry", "telemetry"], hub.Posts.Select(p => p.What));
        Assert.Equal(Enumerable.Range(0, 1_200).Select(i => (long?)i), Sent(hub).Select(r => r.NetPowerW));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(401)]
    public async Task What_the_hub_could_not_take_is_sent_again(int status)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.AnswersNextPost(status);
        var queue = new FeedbackQueue();
        queue.Add(Reading(7));
        await SendAllAsync(hub, queue);
        Assert.Equal(7, Assert.Single(Sent(hub)).NetPowerW);
        Assert.Equal(0, queue.Refused);
    }

    [Fact]
    public async Task What_the_hub_refuses_for_good_does_not_block_what_follows()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.AnswersNextPost(422);
        var queue = new FeedbackQueue();
        queue.Add(new Receipt { EnvelopeId = Guid.NewGuid(), Revision = 1, State = ReceiptState.Received, At = T0 });
        queue.Add(Reading(7));
        await SendAllAsync(hub, queue);
        Assert.Equal(7, Assert.Single(Sent(hub)).NetPowerW);
        Assert.Equal(1, queue.Refused);
    }

    [Fact]
    public void Telemetry_is_bounded_and_the_oldest_goes_first()
    {
        var queue = new FeedbackQueue(mostReadings: 100);
        for (var i = 0; i < 150; i++)
        {
            queue.Add(Reading(i));
        }

        Assert.Equal((100, 50L), (queue.Waiting, queue.Dropped));
    }

    private static Reading Reading(int i) => new() { At = At(i), NetPowerW = i };

    private static IEnumerable<Reading> Sent(FakeHub hub) =>
        hub.Posts.Where(p => p.What is "telemetry").SelectMany(p => JsonSerializer.Deserialize<Reading[]>(p.Body, ContractJson.Options)!);

    private static async Task SendAllAsync(FakeHub hub, FeedbackQueue queue)
    {
        using var client = new HubClient(hub.Options());
        using var stop = Until.Deadline();
        var sending = queue.SendAsync(client, TimeProvider.System, null, stop.Token);
        while (queue.Waiting > 0)
        {
            await Task.Delay(10, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }
}
