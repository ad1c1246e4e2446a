using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Hosting.Tests.Hub;

/// <summary>Where the reading of the hub's feedback goes on after whatever ended it. No hub is started: a handler answers.</summary>
public sealed class FeedbackFollowerTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly Answers _hub = new();
    private readonly CapturingLogger _log = new();
    private readonly Sites _sites = new();
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private TestStore _place = null!;
    private HubLink _link = null!;
    private FeedbackProgress _progress = null!;
    private FeedbackDelivery _delivery = null!;
    private FeedbackFollower _follower = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(FeedbackFollowerTests).Assembly);
        await _place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("CREATE TABLE feedback_cursors (hub TEXT PRIMARY KEY, cursor TEXT NOT NULL, updated_at BIGINT NOT NULL)", transaction: tx), Ct);
        _link = new HubLink(new HubOptions { Url = "http://hub.invalid" }, _hub);
        _progress = new FeedbackProgress(_place.Store, new FakeClock(_time));
        _delivery = new FeedbackDelivery(_sites, _progress, new FakeClock(_time), _time, _meters.GetRequiredService<IMeterFactory>(), NullLogger<FeedbackDelivery>.Instance);
        _follower = new FeedbackFollower(_link, _delivery, _progress, new FeedbackPace(TimeSpan.Zero), FeedbackDeliveryTests.Alone, _time, new LoggerFactory([_log]).CreateLogger<FeedbackFollower>());
        await _progress.SaveAsync("e.5", Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _follower.StopAsync(CancellationToken.None);
        _follower.Dispose();
        _delivery.Dispose();
        _link.Dispose();
        await _meters.DisposeAsync();
        await _place.DisposeAsync();
    }

    [Fact]
    public async Task It_begins_after_the_stored_cursor_and_goes_on_after_what_it_handed_on()
    {
        _hub.Then(Stream(Feedback("e.6", "a"), Feedback("e.7", "b")));
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", "e.7"], await _hub.AskedAsync(2));
        Assert.Equal(["a", "b"], _sites.Handled);
        Assert.Equal("e.7", _progress.Reached);
    }

    [Theory]
    [InlineData(HttpStatusCode.Gone)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_cursor_that_the_hub_does_not_know_is_left_behind_and_reported(HttpStatusCode status)
    {
        _hub.Then(() => new HttpResponseMessage(status));
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", null], await _hub.AskedAsync(2));
        Assert.Contains(_log.Lines, line => line.Contains("no longer knows the feedback cursor e.5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_that_ends_while_it_is_read_is_left_behind_with_what_was_reached_in_it()
    {
        _hub.Then(Stream(Feedback("e.6", "a"), "event: gone\ndata: {}\n\n"));
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", null], await _hub.AskedAsync(2));
        Assert.Null(_progress.Reached);
    }

    [Fact]
    public async Task A_line_that_is_cut_within_an_item_hands_on_what_was_whole_and_asks_for_the_rest()
    {
        _hub.Then(Stream(Feedback("e.6", "a"), "id: e.7\nevent: feedback\ndata: {\"siteId\":"));
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", "e.6"], await _hub.AskedAsync(2));
        Assert.Equal(["a"], _sites.Handled);
    }

    [Fact]
    public async Task A_page_of_something_between_is_no_feedback_and_moves_no_cursor()
    {
        _hub.Then(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>sign in</html>", Encoding.UTF8, "text/html") });
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", "e.5"], await _hub.AskedAsync(2));
        Assert.Contains(_log.Lines, line => line.Contains("something between may have answered for the hub", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_item_that_the_hub_leaves_out_is_reported_and_what_follows_is_handed_on()
    {
        _hub.Then(Stream("id: e.6\nevent: damaged\ndata: {\"detail\":\"changed\"}\n\n", Feedback("e.7", "b")));
        await _follower.StartAsync(Ct);
        await PauseAsync(1);
        Assert.Equal(["e.5", "e.7"], await _hub.AskedAsync(2));
        Assert.Contains(_log.Lines, line => line.Contains("leaves out feedback", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hub_that_is_away_is_asked_ever_more_seldom_and_soon_again_once_it_was_heard()
    {
        for (var i = 0; i < 3; i++)
        {
            _hub.Then(() => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        }

        _hub.Then(Stream(Feedback("e.6", "a")));
        await _follower.StartAsync(Ct);
        foreach (var seconds in new[] { 1, 2, 4, 1 })
        {
            await PauseAsync(seconds);
        }

        Assert.Equal(["e.5", "e.5", "e.5", "e.5", "e.6"], await _hub.AskedAsync(5));
        Assert.Single(_log.Lines, line => line.Contains("broke off", StringComparison.Ordinal));
    }

    private static Func<HttpResponseMessage> Stream(params string[] events) =>
        () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(string.Concat(events), Encoding.UTF8, "text/event-stream") };

    private static string Feedback(string cursor, string site) => $"id: {cursor}\nevent: feedback\ndata: {{\"siteId\":\"{site}\"}}\n\n";

    /// <summary>It waits for so long before it asks again, and not for less.</summary>
    private async Task PauseAsync(int seconds)
    {
        await Until.HoldsAsync(() => _time.Waiting == 1);
        _time.Advance(Duration.FromSeconds(seconds) - Duration.FromMilliseconds(1));
        Assert.Equal(1, _time.Waiting);
        _time.Advance(Duration.FromMilliseconds(1));
    }

    /// <summary>Answers in turn; whoever asks after the last answer waits.</summary>
    private sealed class Answers : HttpMessageHandler
    {
        private readonly ConcurrentQueue<Func<HttpResponseMessage>> _answers = new();
        private readonly ConcurrentQueue<string?> _cursors = new();

        public void Then(Func<HttpResponseMessage> answer) => _answers.Enqueue(answer);

        public async Task<IReadOnlyList<string?>> AskedAsync(int times)
        {
            await Until.HoldsAsync(() => _cursors.Count >= times);
            return [.. _cursors];
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = _answers.TryDequeue(out var next) ? next : null;
            _cursors.Enqueue(request.Headers.TryGetValues("Last-Event-ID", out var cursor) ? cursor.Single() : null);
            if (answer is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return answer!();
        }
    }

    private sealed class Sites : IFeedbackHandler
    {
        private readonly ConcurrentQueue<string> _handled = new();

        public IEnumerable<string> Handled => _handled;

        public Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
        {
            foreach (var item in batch)
            {
                _handled.Enqueue(item.SiteId);
            }

            return Task.CompletedTask;
        }
    }
}
