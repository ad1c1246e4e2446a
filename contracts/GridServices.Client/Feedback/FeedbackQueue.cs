using System.Threading.Channels;
using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>
/// What waits to be told to the hub. Telemetry is bounded, the oldest goes first when the hub is long away; receipts are few and wait longer.
/// Sent again until the hub has answered about each item: the hub knows repetitions.
/// </summary>
public sealed class FeedbackQueue(int mostReadings = 20_000, int mostReceipts = 10_000)
{
    private const int Batch = 500;
    private readonly Lock _gate = new();
    private readonly Queue<Receipt> _receipts = new();
    private readonly Queue<Reading> _readings = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Readings and receipts that were let go because too many waited.</summary>
    public long Dropped { get; private set; }

    /// <summary>Items that the hub refused for good; they are not sent again.</summary>
    public long Refused { get; private set; }

    /// <summary>What waits now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _receipts.Count + _readings.Count;
            }
        }
    }

    public void Add(Reading reading) => Add(_readings, reading, mostReadings);

    public void Add(Receipt receipt) => Add(_receipts, receipt, mostReceipts);

    /// <summary>Sends what waits, for ever: receipts first, in order, at least once.</summary>
    /// <param name="hub">Where to.</param>
    /// <param name="time">Timers.</param>
    /// <param name="notice">Told when a send fails and when the hub refuses items for good.</param>
    /// <param name="ct">Ends it.</param>
    public async Task SendAsync(HubClient hub, TimeProvider time, Action<string>? notice, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(hub);
        var failures = 0;
        while (true)
        {
            if (Waiting == 0)
            {
                await _bell.Reader.ReadAsync(ct);
            }

            while (Waiting > 0) // also what an earlier call left when it failed
            {
                var failed = await TrySendAsync(_receipts, hub.SendAsync, notice, ct) ?? await TrySendAsync(_readings, hub.SendAsync, notice, ct);
                failures = failed is null ? 0 : failures + 1;
                if (failed is not null)
                {
                    if (failures == 1)
                    {
                        notice?.Invoke($"feedback waits ({Waiting}): {failed}");
                    }

                    await Task.Delay(hub.RetryWait(failures).ToTimeSpan(), time, ct);
                }
            }
        }
    }

    // Null: sent, or nothing to send. Otherwise why it has to wait.
    private async Task<string?> TrySendAsync<T>(
        Queue<T> queue, Func<IReadOnlyList<T>, CancellationToken, Task<IReadOnlyList<PublishResult>>> send, Action<string>? notice, CancellationToken ct)
        where T : class
    {
        var batch = First(queue);
        if (batch.Length == 0)
        {
            return null;
        }

        try
        {
            return ApplyResults(queue, batch, await send(batch, ct), notice);
        }
        catch (HubTalkException refused) when (!refused.IsPassing)
        {
            Refused += batch.Length;
            notice?.Invoke($"the hub refuses {batch.Length} item(s) of feedback for good: {refused.Message}");
        }
        catch (Exception fault) when (fault is HubTalkException or HttpRequestException or IOException)
        {
            return fault.Message;
        }

        Remove(queue, batch, []);
        return null;
    }

    // What the hub could not take just now stays; what it refuses for good is counted and told.
    private string? ApplyResults<T>(Queue<T> queue, T[] batch, IReadOnlyList<PublishResult> results, Action<string>? notice)
        where T : class
    {
        var rejected = batch.Zip(results).Where(pair => pair.Second.Status == PublishStatus.Rejected).ToList();
        var (waiting, refused) = (rejected.Where(pair => IsPassing(pair.Second)).ToList(), rejected.Where(pair => !IsPassing(pair.Second)).ToList());
        Remove(queue, batch, waiting.Select(pair => pair.First).ToHashSet<T>(ReferenceEqualityComparer.Instance));
        if (refused is [var (_, first), ..])
        {
            Refused += refused.Count;
            notice?.Invoke($"the hub refuses {refused.Count} of {batch.Length} item(s) of feedback for good: {Describe(first)}");
        }

        return waiting is [var (_, held), ..] ? $"{waiting.Count} item(s) can't be taken now: {Describe(held)}" : null;
    }

    private static bool IsPassing(PublishResult result) => result.Problem is { Status: >= 500 or 429 or 408 };

    private static string Describe(PublishResult result) => result.Problem is { } problem ? problem.Detail ?? problem.Title : "it does not say why";

    private void Add<T>(Queue<T> queue, T item, int most)
    {
        lock (_gate)
        {
            queue.Enqueue(item);
            if (queue.Count > most)
            {
                queue.Dequeue();
                Dropped++;
            }
        }

        _bell.Writer.TryWrite(true);
    }

    private T[] First<T>(Queue<T> queue)
    {
        lock (_gate)
        {
            return [.. queue.Take(Batch)];
        }
    }

    // While it was being sent the oldest may have been let go: remove only what is still at the head.
    private void Remove<T>(Queue<T> queue, T[] sent, HashSet<T> kept)
        where T : class
    {
        lock (_gate)
        {
            var again = new List<T>();
            foreach (var item in sent)
            {
                if (queue.TryPeek(out var head) && ReferenceEquals(head, item))
                {
                    queue.Dequeue();
                    again.AddRange(kept.Contains(item) ? [item] : []);
                }
            }

            if (again.Count > 0)
            {
                again.AddRange(queue);
                queue.Clear();
                again.ForEach(queue.Enqueue);
            }
        }
    }
}
