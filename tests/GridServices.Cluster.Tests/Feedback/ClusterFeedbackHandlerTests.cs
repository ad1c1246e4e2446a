using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Cluster.Feedback;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Cluster.Tests.Feedback;

/// <summary>Each key takes its readings in the order in which they came, and once, whatever another key does.</summary>
public sealed class ClusterFeedbackHandlerTests : IDisposable
{
    private readonly FakeWork _work = new();
    private readonly ConcurrentQueue<string> _taken = new();
    private readonly HashSet<string> _away = [];
    private readonly ClusterFeedbackHandler _feedback;

    public ClusterFeedbackHandlerTests()
    {
        _feedback = new ClusterFeedbackHandler(new HubOptions(), _work, null!);
        _work.Take = (key, items) =>
        {
            if (_away.Contains(key.Key))
            {
                throw new StoreUnavailableException($"{key.Key} is away");
            }

            var read = JsonSerializer.Deserialize<IReadOnlyList<FeedbackItem>>(items.Span, ContractJson.Options)!;
            _taken.Enqueue($"{key.Key} {read[0].Reading!.NetPowerW}");
            return Task.FromResult(true);
        };
    }

    public void Dispose() => _feedback.Dispose();

    private static IReadOnlyList<FeedbackItem> Batch(int number, params string[] sites) =>
        [.. sites.Select(site => new FeedbackItem { SiteId = site, Reading = new Reading { At = Instant.FromUtc(2027, 1, 15, 18, 0, number), NetPowerW = number } })];

    [Fact]
    public async Task What_a_key_could_not_take_goes_before_what_came_later_and_others_take_nothing_twice()
    {
        using var turn = new CancellationTokenSource();
        var (first, second) = (Batch(1, "a", "b"), Batch(2, "a", "b"));
        _away.Add("a");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(first, turn.Token));
        _away.Clear();

        var later = _feedback.HandleAsync(second, turn.Token);
        Assert.False(later.IsCompleted);
        await _feedback.HandleAsync(first, turn.Token);
        await later;
        Assert.Equal(["a 1", "a 2"], _taken.Where(t => t.StartsWith('a')));
        Assert.Equal(["b 1", "b 2"], _taken.Where(t => t.StartsWith('b')));
    }

    [Fact]
    public async Task A_turn_that_begins_anew_waits_for_nothing_of_the_one_before()
    {
        using var turn = new CancellationTokenSource();
        _away.Add("a");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(Batch(1, "a"), turn.Token));
        var later = _feedback.HandleAsync(Batch(2, "a"), turn.Token);
        await turn.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => later);

        _away.Clear();
        using var next = new CancellationTokenSource();
        await _feedback.HandleAsync(Batch(1, "a"), next.Token);
        Assert.Equal(["a 1"], _taken);
    }

    [Fact]
    public async Task A_fault_of_the_look_up_is_tried_again_as_a_whole()
    {
        _work.Look = () => throw new InvalidOperationException("no");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(Batch(1, "a"), CancellationToken.None));
    }

    [Fact]
    public async Task What_a_key_can_never_take_holds_up_what_came_later_for_some_tries_only()
    {
        using var turn = Until.Deadline();
        var (first, second) = (Batch(1, "a"), Batch(2, "a"));
        _away.Add("a");
        for (var i = 1; i < KeyQueues.MostTries; i++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(first, turn.Token));
        }

        var later = _feedback.HandleAsync(second, turn.Token);
        Assert.False(later.IsCompleted);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(first, turn.Token));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => later);
        _away.Clear();
        await _feedback.HandleAsync(second, turn.Token);
        await _feedback.HandleAsync(first, turn.Token);
        Assert.Equal(["a 2", "a 1"], _taken);
    }

    [Fact]
    public async Task A_batch_that_could_not_be_looked_up_goes_before_what_came_later_also_where_it_took_long()
    {
        using var turn = Until.Deadline();
        var (first, second) = (Batch(1, "a"), Batch(2, "a"));
        var looks = 0;
        _work.Look = () => ++looks <= 2 * KeyQueues.MostTries ? throw new StoreUnavailableException("no connection is free") : Task.CompletedTask;
        for (var i = 0; i < 2 * KeyQueues.MostTries; i++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(first, turn.Token));
        }

        var later = _feedback.HandleAsync(second, turn.Token);
        Assert.False(later.IsCompleted);
        await _feedback.HandleAsync(first, turn.Token);
        await later;
        Assert.Equal(["a 1", "a 2"], _taken);
    }

    [Fact]
    public async Task A_batch_whose_keys_can_never_be_looked_up_holds_up_others_for_some_tries_only()
    {
        using var turn = Until.Deadline();
        var broken = Batch(1, "a");
        _work.Look = () => throw new InvalidOperationException("no");
        for (var i = 0; i < KeyQueues.MostTries; i++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => _feedback.HandleAsync(broken, turn.Token));
        }

        _work.Look = () => Task.CompletedTask;
        await _feedback.HandleAsync(Batch(2, "a"), turn.Token);
        Assert.Equal(["a 2"], _taken);
    }
}
