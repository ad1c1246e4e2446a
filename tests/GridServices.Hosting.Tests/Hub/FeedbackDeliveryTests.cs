using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Hosting.Tests.Hub;

/// <summary>Feedback counts as taken in once it is applied, and only then. No store is asked: how far it is saved is tested with those who save it.</summary>
public sealed class FeedbackDeliveryTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Taker _taker = new();
    private readonly Lines _log = new();
    private readonly FeedbackProgress _progress;
    private readonly FeedbackDelivery _delivery;

    public FeedbackDeliveryTests()
    {
        _progress = new FeedbackProgress(null!, new FakeClock(_time));
        _delivery = new FeedbackDelivery(_taker, _progress, new FakeClock(_time), _time, _meters.GetRequiredService<IMeterFactory>(), _log);
    }

    /// <summary>Outside a cluster.</summary>
    internal static OneFollower Alone => new(null!, new ClusterNode(new ClusterOptions(), new ServiceIdentity("test", 1, typeof(FeedbackDeliveryTests).Assembly), "http://127.0.0.1:1", null!));

    [Fact]
    public async Task A_batch_that_failed_holds_the_cursor_and_not_what_follows_until_it_is_applied()
    {
        _taker.Refuses = item => item.SiteId == "poison";
        await BeginAsync("1", "a");
        await BeginAsync("2", "b", "poison", "c", "d", "e");
        await BeginAsync("3", "f");
        Assert.Equal("1", _progress.Reached);
        Assert.Contains("f", _taker.Applied);
        Assert.StartsWith("Error 5 item(s) of the hub's feedback, the first of site b, could not be applied", Assert.Single(_log), StringComparison.Ordinal);

        // In halves, until the one is alone.
        await RetryAsync(() => _delivery.Detail?.StartsWith("1 item(s)", StringComparison.Ordinal) is true);
        Assert.Equal(["a", "b", "c", "d", "e", "f"], _taker.Applied.Distinct().Order());
        Assert.Equal("1 item(s) of the hub's feedback can't be applied, the first since 2027-01-15T18:00:00Z, and are tried again: not this one", _delivery.Detail);
        Assert.Equal("1", _progress.Reached);

        _taker.Refuses = _ => false;
        await RetryAsync(() => _progress.Reached == "3");
        Assert.Contains("poison", _taker.Applied);
        Assert.Null(_delivery.Detail);
    }

    [Fact]
    public async Task A_store_that_is_away_is_no_items_fault()
    {
        _taker.Fault = () => new StoreUnavailableException("away");
        _taker.Refuses = _ => true;
        await BeginAsync("1", "a", "b");
        await RetryAsync(() => _taker.Attempts.Count >= 3);
        Assert.All(_taker.Attempts, size => Assert.Equal(2, size));
        Assert.Null(_progress.Reached);
        Assert.Equal("Warning Feedback from the hub waits for the store: away", Assert.Single(_log));
    }

    [Fact]
    public async Task What_was_cancelled_is_not_taken_in()
    {
        _taker.Hangs = true;
        await BeginAsync("1", "a");
        await _stop.CancelAsync();
        Assert.Null(_progress.Reached);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BeginAsync("2", "b"));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task While_too_much_is_under_way_nothing_more_is_begun()
    {
        _taker.Refuses = _ => true;
        for (var n = 0; n < FeedbackDelivery.MostUnderWay; n++)
        {
            await BeginAsync($"{n}", "a");
        }

        var next = BeginAsync("next", "a");
        Assert.False(next.IsCompleted);
        _taker.Refuses = _ => false;
        await RetryAsync(() => _progress.Reached == "next");
        await next;
    }

    [Fact]
    public async Task A_stop_while_too_much_is_under_way_is_no_fault_of_the_reading()
    {
        _taker.Hangs = true;
        for (var n = 0; n < FeedbackDelivery.MostUnderWay; n++)
        {
            await BeginAsync($"{n}", "a");
        }

        using var follower = new FeedbackFollower(null!, _delivery, _progress, new FeedbackPace(TimeSpan.Zero), Alone, _time, NullLogger<FeedbackFollower>.Instance);
        await using var stream = new OneEvent();
        var reading = follower.ReadAsync(stream, _ => { }, _stop.Token);
        await stream.Silent.Task;
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task An_unforeseen_fault_does_not_end_the_reading()
    {
        var log = new CapturingLogger();
        using var follower = new FeedbackFollower(null!, _delivery, _progress, new FeedbackPace(TimeSpan.Zero), Alone, _time, new LoggerFactory([log]).CreateLogger<FeedbackFollower>());
        await follower.StartAsync(_stop.Token);
        await Until.HoldsAsync(() => log.Lines.Any(line => line.StartsWith("The hub's feedback broke off", StringComparison.Ordinal)));
        await follower.StopAsync(_stop.Token);
        Assert.True(follower.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Thousands_of_batches_behind_one_that_is_held_up_count_once_it_is_applied()
    {
        var held = new TaskCompletionSource();
        _progress.Add("held", held.Task);
        for (var n = 0; n < 5_000; n++)
        {
            _progress.Add($"{n}", Task.CompletedTask);
        }

        Assert.Null(_progress.Reached);
        held.SetResult();
        await held.Task;
        Assert.Equal("4999", _progress.Reached);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _delivery.Dispose();
        await _meters.DisposeAsync();
    }

    private Task BeginAsync(string cursor, params string[] sites) => _delivery.BeginAsync(cursor, [.. sites.Select(site => new FeedbackItem { SiteId = site })], _stop.Token);

    private Task RetryAsync(Func<bool> until) => Until.HoldsAsync(() =>
    {
        _time.Advance(Duration.FromSeconds(1));
        return until();
    });

    private sealed class Taker : IFeedbackHandler
    {
        private readonly ConcurrentQueue<string> _applied = new();

        public Func<FeedbackItem, bool> Refuses { get; set; } = _ => false;

        public Func<Exception> Fault { get; set; } = () => new FormatException("not this one");

        public bool Hangs { get; set; }

        public ConcurrentQueue<int> Attempts { get; } = new();

        public IEnumerable<string> Applied => _applied;

        public async Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
        {
            Attempts.Enqueue(batch.Count);
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            }

            if (batch.Any(Refuses))
            {
                throw Fault();
            }

            foreach (var item in batch)
            {
                _applied.Enqueue(item.SiteId);
            }
        }
    }

    /// <summary>A line that bears one item, and takes its time to end.</summary>
    private sealed class OneEvent() : MemoryStream("id: 1\nevent: feedback\ndata: {\"siteId\":\"a\"}\n\n"u8.ToArray())
    {
        public TaskCompletionSource Silent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                Silent.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    private sealed class Lines : ConcurrentQueue<string>, ILogger<FeedbackDelivery>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
