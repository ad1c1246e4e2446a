using System.Diagnostics.Metrics;
using GridServices.Hosting.Telemetry;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Telemetry;

/// <summary>What the service counts.</summary>
internal sealed class ClientMetrics : IDisposable
{
    public const string MeterName = "GridServices.Ieee2030Dot5";

    private readonly Meter _meter;
    private readonly Counter<long> _exchanges;
    private readonly Counter<long> _published;
    private readonly Counter<long> _notifications;
    private readonly Histogram<double> _latency;
    private Func<IEnumerable<ClientView>> _clients = () => [];
    private Func<int> _unreadable = () => 0;
    private Func<IEnumerable<Measurement<double>>> _certificates = () => [];

    public ClientMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _exchanges = _meter.CreateCounter<long>("ieee2030.exchanges", "{exchange}", "Requests sent to servers, by method and outcome");
        _published = _meter.CreateCounter<long>("ieee2030.published", "{event}", "Envelopes and withdrawals handed to the outbox");
        _notifications = _meter.CreateCounter<long>("ieee2030.notifications", "{notification}", "Notifications received, by outcome");
        _latency = _meter.CreateHistogram<double>("ieee2030.exchange.duration", "s", "From sending a request to the last byte of the reply");
        _meter.CreateObservableGauge("ieee2030.clients", () => Count(_ => true), "{client}", "Clients");
        _meter.CreateObservableGauge("ieee2030.clients.troubled", () => Count(c => c.Problem is not null || c.Faulted), "{client}", "Clients whose last exchange failed");
        _meter.CreateObservableGauge("ieee2030.clients.faulted", () => Count(c => c.Faulted), "{client}", "Clients with an internal fault; the log has it");
        _meter.CreateObservableGauge("ieee2030.clients.unreadable", () => _unreadable(), "{client}", "Clients that are not run, for what is stored of them can't be read");
        _meter.CreateObservableGauge("ieee2030.controls", () => Sum(c => c.State.Devices.Values.Sum(d => d.Schedule.Controls.Count + d.LoadControl.Schedule.Controls.Count)), "{control}", "Controls held");
        _meter.CreateObservableGauge("ieee2030.owed", () => Sum(c => c.State.Responses.Count(r => r.Outcome == ResponseOutcome.Owed)), "{response}", "Responses owed to servers");
        _meter.CreateObservableGauge("ieee2030.clock.skew", Skews, "s", "The server's clock that is furthest from ours, ahead of it, by its Date header");
        _meter.CreateObservableGauge("ieee2030.certificate.days", () => _certificates(), "d", "Days to the end of the certificate that ends first, by its use");
    }

    public void Watch(Func<IEnumerable<ClientView>> clients, Func<int> unreadable, Func<IEnumerable<Measurement<double>>> certificates) =>
        (_clients, _unreadable, _certificates) = (clients, unreadable, certificates);

    public void Exchanged(DerNext.SendRequest request, ExchangeResult exchange)
    {
        var outcome = exchange.Input switch
        {
            DerInput.ReplyReceived { Status: var status } => $"{status / 100}xx",
            DerInput.TransportFailed { Kind: var kind } => kind.ToString(),
            _ => "other",
        };
        _exchanges.Add(1, new KeyValuePair<string, object?>("method", request.Method), new KeyValuePair<string, object?>("outcome", outcome));
        _latency.Record(exchange.Took.TotalSeconds);
    }

    public void Published(int count) => _published.Add(count);

    public void Notified(string outcome) => _notifications.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();

    private long Sum(Func<ClientView, int> of) => _clients().Sum(c => (long)of(c));

    private long Count(Func<ClientView, bool> which) => _clients().LongCount(which);

    // Whose server it is, the doctor of its client says: a label would name one tenant's clients to another.
    private IEnumerable<Measurement<double>> Skews() =>
        _clients().Select(c => c.ClockSkew).OfType<NodaTime.Duration>().Select(DateHeaderSkew.Seconds).OrderByDescending(Math.Abs).Take(1).Select(s => new Measurement<double>(s));
}
