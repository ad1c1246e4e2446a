using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Hosting.Hub;

/// <summary>
/// Hands batches of feedback to the service until each is applied. One that fails holds the cursor, not what follows: that is applied meanwhile, and read
/// again after a restart. It is tried again with longer and longer pauses, each time in halves, until only the items that can't be applied are left; those
/// are never skipped, but told: log, <c>feedback_held</c>, <c>/health/ready</c>. With <see cref="MostUnderWay"/> batches under way nothing more is read.
/// </summary>
internal sealed partial class FeedbackDelivery : IDisposable
{
    internal const int MostUnderWay = 200;
    private const int FailuresPerLine = 20;
    private static readonly Backoff Pauses = new(Duration.FromSeconds(1), Duration.FromSeconds(30), Spread: 0);
    private readonly SemaphoreSlim _room = new(MostUnderWay);
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly IFeedbackHandler _taker;
    private readonly FeedbackProgress _progress;
    private readonly IClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<FeedbackDelivery> _log;

    public FeedbackDelivery(IFeedbackHandler taker, FeedbackProgress progress, IClock clock, TimeProvider time, IMeterFactory meters, ILogger<FeedbackDelivery> log)
    {
        (_taker, _progress, _clock, _time, _log) = (taker, progress, clock, time, log);
        meters.Create("GridServices.Feedback").CreateObservableGauge(
            "feedback.held", () => _held.Values.Sum(h => h.Items), description: "Receipts and readings from the hub that could not be applied and are tried again.");
    }

    /// <summary>What is held up, for operators; null: nothing.</summary>
    public string? Detail => _held.Values.MinBy(h => h.Since) is { } first
        ? $"{_held.Values.Sum(h => h.Items)} item(s) of the hub's feedback can't be applied, the first since {InstantPattern.General.Format(first.Since)}, and are tried again: {first.Why}"
        : null;

    /// <summary>Begins to hand on a batch that ends at a cursor; waits while too many are under way.</summary>
    public async Task BeginAsync(string cursor, IReadOnlyList<FeedbackItem> items, CancellationToken ct)
    {
        await _room.WaitAsync(ct);
        _progress.Add(cursor, DeliverAsync(cursor, items, ct));
    }

    public void Dispose() => _room.Dispose();

    /// <returns>Ends once all is applied. Cancelled, it is not.</returns>
    private async Task DeliverAsync(string cursor, IReadOnlyList<FeedbackItem> items, CancellationToken ct)
    {
        try
        {
            IReadOnlyList<IReadOnlyList<FeedbackItem>> left = [items];
            for (var failures = 0; ; failures++)
            {
                (left, var fault) = await TryAsync(left, ct);
                if (fault is null)
                {
                    return;
                }

                RecordFailure(cursor, left, fault, failures);
                await Task.Delay(Pauses.After(failures + 1).ToTimeSpan(), _time, ct);
            }
        }
        finally
        {
            _held.TryRemove(cursor, out _);
            _room.Release();
        }
    }

    /// <returns>What is to be tried again, and the first reason; null: all is applied.</returns>
    private async Task<(IReadOnlyList<IReadOnlyList<FeedbackItem>> Left, Exception? Fault)> TryAsync(IReadOnlyList<IReadOnlyList<FeedbackItem>> parts, CancellationToken ct)
    {
        var left = new List<IReadOnlyList<FeedbackItem>>();
        Exception? first = null;
        foreach (var part in parts)
        {
            try
            {
                await _taker.HandleAsync(part, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                ct.ThrowIfCancellationRequested();
                first ??= fault;
                left.AddRange(fault is StoreUnavailableException ? [part] : part.Chunk(Math.Max(1, (part.Count + 1) / 2))); // the store's absence is no item's fault
            }
        }

        return (left, first);
    }

    private void RecordFailure(string cursor, IReadOnlyList<IReadOnlyList<FeedbackItem>> left, Exception fault, int failures)
    {
        var items = left.Sum(part => part.Count);
        var why = SafeText.Line(fault.Message);
        _held.AddOrUpdate(cursor, _ => new Held(items, _clock.GetCurrentInstant(), why), (_, held) => held with { Items = items, Why = why });
        if (failures % FailuresPerLine > 0)
        {
            return;
        }

        if (fault is StoreUnavailableException)
        {
            LogStoreAway(why);
        }
        else
        {
            LogFailed(items, SafeText.Line(left[0][0].SiteId), fault);
        }
    }

    [LoggerMessage(EventId = EventIds.FeedbackDeliveryStoreAway, Level = LogLevel.Warning, Message = "Feedback from the hub waits for the store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(EventId = EventIds.FeedbackDeliveryFailed, Level = LogLevel.Error, Message = "{Items} item(s) of the hub's feedback, the first of site {Site}, could not be applied and are tried again; what follows is applied meanwhile")]
    private partial void LogFailed(int items, string site, Exception fault);

    private sealed record Held(int Items, Instant Since, string Why);
}
