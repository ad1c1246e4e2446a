using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
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
        hub.RefusesNextPost(ErrorClass.SemanticNumber);
        var queue = new FeedbackQueue();
        queue.Add(new Receipt { EnvelopeId = Guid.NewGuid(), Revision = 1, State = ReceiptState.Received, At = T0 });
        queue.Add(Reading(7));
        await SendAllAsync(hub, queue);
        Assert.Equal(7, Assert.Single(Sent(hub)).NetPowerW);
        Assert.Equal(1, queue.Refused);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Welcome, please log in</html>")]
    [InlineData(200, "application/json", "")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", "{\"results\":null}")]
    [InlineData(200, "application/json", "{\"results\":[]}")]
    [InlineData(200, "application/json", "{\"results\":[null]}")]
    [InlineData(200, "application/json", "{\"results\":[{\"status\":\"accepted\"},{\"status\":\"accepted\"}]}")]
    [InlineData(202, "application/json", "{\"results\":[{\"status\":\"accepted\"}]}")]
    [InlineData(204, "text/plain", "")]
    [InlineData(400, "text/html", "<html>no such page</html>")]
    [InlineData(404, "text/html", "<html>no such page</html>")]
    [InlineData(422, "application/json", "{\"type\":\"about:blank\",\"title\":\"no\",\"status\":422}")]
    public async Task What_something_between_answers_for_the_hub_is_no_answer_and_all_is_sent_again(int status, string mediaType, string body)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.AnswersNextPost(status, mediaType, body);
        hub.AnswersNextPost(status, mediaType, body);
        var queue = new FeedbackQueue();
        queue.Add(Reading(7));
        var notices = await SendAllAsync(hub, queue);
        Assert.Equal(7, Assert.Single(Sent(hub)).NetPowerW);
        Assert.Equal(0, queue.Refused);
        Assert.Contains("something between may have answered", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_that_are_rejected_among_others_are_counted_and_told_and_what_can_not_be_taken_now_is_sent_again()
    {
        await using var hub = await FakeHub.StartAsync();
        var refused = JsonSerializer.Serialize(Problems.Create(ErrorClass.DataConflict, "said otherwise before"), ContractJson.Options);
        var busy = JsonSerializer.Serialize(Problems.Create(ErrorClass.Unavailable, "not now"), ContractJson.Options);
        hub.AnswersNextPost(200, "application/json", $$"""{"results":[{"status":"accepted"},{"status":"rejected","problem":{{refused}}},{"status":"rejected","problem":{{busy}}},{"status":"duplicate"}]}""");
        var queue = new FeedbackQueue();
        for (var i = 0; i < 4; i++)
        {
            queue.Add(Reading(i));
        }

        var notices = await SendAllAsync(hub, queue);
        Assert.Equal([2L], Sent(hub).Select(reading => reading.NetPowerW!.Value));
        Assert.Equal(1, queue.Refused);
        Assert.Contains(notices, notice => notice.Contains("refuses 1 of 4", StringComparison.Ordinal) && notice.Contains("said otherwise before", StringComparison.Ordinal));
        Assert.Contains(notices, notice => notice.Contains("not now", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_refused_and_let_go_is_exposed_as_metrics_of_the_site()
    {
        var queue = new FeedbackQueue(mostReadings: 2);
        using var metrics = new SessionMetrics("metrics-of-feedback", () => NodaTime.Duration.Zero, queue);
        for (var i = 0; i < 5; i++)
        {
            queue.Add(Reading(i));
        }

        Assert.Equal((3L, 0L), (Measured("client.feedback.dropped"), Measured("client.feedback.refused")));
    }

    private static long Measured(string name)
    {
        long? seen = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Name == name)
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => seen = tags.ToArray().Contains(new("site", "metrics-of-feedback")) ? value : seen);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen ?? throw new InvalidOperationException($"{name} is not exposed");
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

    [Fact]
    public async Task What_waited_when_a_send_failed_unforeseen_is_sent_by_the_next_without_anything_new()
    {
        await using var hub = await FakeHub.StartAsync();
        var queue = new FeedbackQueue();
        queue.Add(Reading(7));
        using var broken = new HubClient(hub.Options(), new Broken());
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.SendAsync(broken, TimeProvider.System, null, TestContext.Current.CancellationToken));
        await SendAllAsync(hub, queue);
        Assert.Equal(7, Assert.Single(Sent(hub)).NetPowerW);
    }

    private sealed class Broken : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new InvalidOperationException("not foreseen");
    }

    private static Reading Reading(int i) => new() { At = At(i), NetPowerW = i };

    private static IEnumerable<Reading> Sent(FakeHub hub) =>
        hub.Posts.Where(p => p.What is "telemetry").SelectMany(p => JsonSerializer.Deserialize<Reading[]>(p.Body, ContractJson.Options)!);

    private static async Task<IReadOnlyList<string>> SendAllAsync(FakeHub hub, FeedbackQueue queue)
    {
        var notices = new ConcurrentQueue<string>();
        using var client = new HubClient(hub.Options());
        using var stop = Until.Deadline();
        var sending = queue.SendAsync(client, TimeProvider.System, notices.Enqueue, stop.Token);
        while (queue.Waiting > 0)
        {
            await Task.Delay(10, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        return [.. notices];
    }
}
