using System.Diagnostics.Metrics;
using NodaTime;

namespace GridServices.Client;

/// <summary>The session's measures, meter <c>GridServices.Client</c>, each with the tag <c>site</c>.</summary>
internal sealed class SessionMetrics : IDisposable
{
    /// <summary>The meter's name, for whoever collects it.</summary>
    public const string MeterName = "GridServices.Client";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _faults;
    private readonly KeyValuePair<string, object?> _site;

    public SessionMetrics(string siteId, Func<Duration> clockAhead, FeedbackQueue feedback)
    {
        _site = new("site", siteId);
        _faults = _meter.CreateCounter<long>("client.handler.faults", description: "Exceptions that the controller's own handlers threw.");
        _faults.Add(0, _site);
        _meter.CreateObservableCounter("client.feedback.refused", () => new Measurement<long>(feedback.Refused, _site), description: "Receipts and readings that the hub refused for good.");
        _meter.CreateObservableCounter("client.feedback.dropped", () => new Measurement<long>(feedback.Dropped, _site), description: "Receipts and readings that were let go because too many waited.");
        _meter.CreateObservableGauge(
            "client.clock.ahead", () => new Measurement<double>(clockAhead().TotalSeconds, _site), "s", "How far this machine's clock is ahead of the hub's.");
    }

    public void HandlerFailed() => _faults.Add(1, _site);

    public void Dispose() => _meter.Dispose();
}
