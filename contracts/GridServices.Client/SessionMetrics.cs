using System.Diagnostics.Metrics;
using NodaTime;

namespace GridServices.Client;

/// <summary>The session's measures, meter <c>GridServices.Client</c>, each with the tag <c>site</c>.</summary>
internal sealed class SessionMetrics : IDisposable
{
    /// <summary>The meter's name, for whoever collects it.</summary>
    public const string MeterName = "GridServices.Client";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> faults;
    private readonly KeyValuePair<string, object?> site;

    public SessionMetrics(string siteId, Func<Duration> clockAhead, FeedbackQueue feedback)
    {
        site = new("site", siteId);
        faults = meter.CreateCounter<long>("client.handler.faults", description: "Exceptions that the controller's own handlers threw.");
        faults.Add(0, site);
        meter.CreateObservableCounter("client.feedback.refused", () => new Measurement<long>(feedback.Refused, site), description: "Receipts and readings that the hub refused for good.");
        meter.CreateObservableCounter("client.feedback.dropped", () => new Measurement<long>(feedback.Dropped, site), description: "Receipts and readings that were let go because too many waited.");
        meter.CreateObservableGauge(
            "client.clock.ahead", () => new Measurement<double>(clockAhead().TotalSeconds, site), "s", "How far this machine's clock is ahead of the hub's.");
    }

    public void HandlerFailed() => faults.Add(1, site);

    public void Dispose() => meter.Dispose();
}
