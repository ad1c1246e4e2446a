using System.Diagnostics.Metrics;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>outbox_pending, outbox_parked, outbox_waiting, outbox_oldest_seconds, outbox_sent_total, outbox_raised_total.</summary>
internal sealed class OutboxGauges
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _raised;
    private readonly OutboxQueue _queue;
    private readonly TimeProvider _time;
    private volatile OutboxCounts _counts = new();
    private long? _readAt;

    public OutboxGauges(OutboxQueue queue, TimeProvider time, IClock clock, IMeterFactory meters)
    {
        var meter = meters.Create("GridServices.Outbox");
        (_queue, _time) = (queue, time);
        _sent = meter.CreateCounter<long>("outbox.sent", description: "Items the hub has taken.");
        _raised = meter.CreateCounter<long>("outbox.raised", description: "Items published again above a revision that the hub held.");
        meter.CreateObservableGauge("outbox.pending", () => _counts.Pending, description: "Items not yet taken by the hub.");
        meter.CreateObservableGauge("outbox.parked", () => _counts.Parked, description: "Items the hub rejected; see GET /v1/outbox.");
        meter.CreateObservableGauge("outbox.waiting", () => _counts.Waiting, description: "Parked items of which the hub holds another word, until this service has heard its utility.");
        meter.CreateObservableGauge("outbox.oldest", () => _counts.OldestSeconds(clock.GetCurrentInstant()), "s", "Age of the oldest pending item.");
    }

    internal void Sent(int items) => _sent.Add(items);

    internal void Raised() => _raised.Add(1);

    /// <summary>By the last count.</summary>
    internal long Pending => _counts.Pending;

    /// <summary>Counts again, at most once a second.</summary>
    internal Task RefreshAsync(CancellationToken ct) => RefreshAsync(Fresh, ct);

    /// <summary>Counts again, unless the last count is younger than <paramref name="fresh"/>.</summary>
    internal async Task RefreshAsync(TimeSpan fresh, CancellationToken ct)
    {
        if (_readAt is { } last && _time.GetElapsedTime(last) < fresh)
        {
            return;
        }

        await CountAsync(ct);
    }

    /// <summary>Counts again.</summary>
    /// <returns>Items not yet taken by the hub.</returns>
    internal async Task<long> CountAsync(CancellationToken ct)
    {
        var counts = await _queue.CountAsync(ct);
        (_counts, _readAt) = (counts, _time.GetTimestamp());
        return counts.Pending;
    }
}
