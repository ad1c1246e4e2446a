using System.Diagnostics;
using System.Diagnostics.Metrics;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Upstream;

namespace GridServices.EnvelopeHub.Service;

/// <summary>What the hub counts.</summary>
internal sealed class HubMetrics : IDisposable
{
    // Down to half a millisecond: the promise is p99 < 10 ms.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] };

    private readonly Meter _meter;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _failedCommits;
    private readonly Histogram<int> _batch;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<double> _fanOutSeconds;
    private readonly UpDownCounter<long> _subscribers;
    private readonly Counter<long> _cutOffs;
    private readonly Counter<long> _closed;
    private readonly Histogram<long> _lag;
    private readonly Counter<long> _feedback;
    private readonly Counter<long> _rewound;
    private readonly Counter<long> _followed;

    public HubMetrics(IMeterFactory meters, UpstreamReports upstream)
    {
        _meter = meters.Create("GridServices.EnvelopeHub");
        _commits = _meter.CreateCounter<long>("hub.commits", description: "Transactions of publications");
        _failedCommits = _meter.CreateCounter<long>("hub.commits.failed", description: "Transactions of publications that failed");
        _batch = _meter.CreateHistogram<int>("hub.commit.events", description: "Events in one transaction");
        _commitSeconds = _meter.CreateHistogram<double>("hub.commit.duration", "s", "Time to store one transaction", advice: Seconds);
        _fanOutSeconds = _meter.CreateHistogram<double>("hub.fanout.duration", "s", "From a commit to the write into a subscriber's socket", advice: Seconds);
        _subscribers = _meter.CreateUpDownCounter<long>("hub.subscribers", description: "Open site streams");
        _cutOffs = _meter.CreateCounter<long>("hub.subscribers.cutoff", description: "Subscribers that fell behind the window in memory and read the log");
        _closed = _meter.CreateCounter<long>("hub.subscribers.closed", description: "Subscribers closed because their socket did not drain");
        _lag = _meter.CreateHistogram<long>("hub.subscriber.lag", description: "Events a subscriber was behind when it was cut to the log");
        _feedback = _meter.CreateCounter<long>("hub.feedback", description: "Receipts and readings stored");
        _rewound = _meter.CreateCounter<long>("hub.histories", description: "Times that the store was found to be of another history than before");
        _followed = _meter.CreateCounter<long>("hub.sites.followed", description: "Times that a site in memory was brought up to what another instance had committed");
        _meter.CreateObservableGauge("hub.incomplete", () => Incomplete, description: "Tenants whose controllers are told that limits may be missing");
        _meter.CreateObservableGauge("hub.publishers.silent", upstream.SilentSources, description: "Publishers that reported the health of their lines and have fallen silent");
        _meter.CreateObservableGauge("hub.links", () => Links(upstream), description: "Streams of sites by the health of the line to their utility: ok, stale, lost");
    }

    /// <summary>Tenants whose controllers are told that limits may be missing.</summary>
    public int Incomplete { get; set; }

    public void Followed(int sites) => _followed.Add(sites);

    public void Rewound() => _rewound.Add(1);

    public void Committed(int events, TimeSpan took)
    {
        _commits.Add(1);
        _batch.Record(events);
        _commitSeconds.Record(took.TotalSeconds);
    }

    public void CommitFailed() => _failedCommits.Add(1);

    public void FannedOut(long committedAt) => _fanOutSeconds.Record(Stopwatch.GetElapsedTime(committedAt).TotalSeconds);

    public void Subscribed() => _subscribers.Add(1);

    public void Unsubscribed() => _subscribers.Add(-1);

    public void CutOff(long behind)
    {
        _cutOffs.Add(1);
        _lag.Record(behind);
    }

    public void Closed() => _closed.Add(1);

    public void Fed(int items) => _feedback.Add(items);

    private static IEnumerable<Measurement<int>> Links(UpstreamReports upstream)
    {
        var counts = upstream.Count();
        return Enum.GetValues<UpstreamStatus>().Select(status =>
            new Measurement<int>(counts.GetValueOrDefault(status), new KeyValuePair<string, object?>("status", status.ToString().ToLowerInvariant())));
    }

    public void Dispose() => _meter.Dispose();
}
