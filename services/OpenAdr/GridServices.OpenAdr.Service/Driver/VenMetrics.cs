using System.Diagnostics.Metrics;
using GridServices.Contracts;
using GridServices.Hosting.Telemetry;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>What the service counts.</summary>
internal sealed class VenMetrics : IDisposable
{
    public const string MeterName = "GridServices.OpenAdr";

    private readonly Meter _meter;
    private readonly Counter<long> _exchanges;
    private readonly Counter<long> _polls;
    private readonly Counter<long> _pushed;
    private readonly Counter<long> _published;
    private readonly Counter<long> _replays;
    private readonly Histogram<double> _latency;
    private Func<IEnumerable<VenView>> _vens = () => [];
    private Func<int> _unreadable = () => 0;
    private Func<IEnumerable<Measurement<double>>> _certificates = () => [];

    public VenMetrics(IMeterFactory meters, SignerNonces nonces)
    {
        _meter = meters.Create(MeterName);
        _exchanges = _meter.CreateCounter<long>("openadr.exchanges", "{exchange}", "Requests sent to VTNs, by message and outcome");
        _polls = _meter.CreateCounter<long>("openadr.polls", "{poll}", "oadrPoll requests that were answered");
        _pushed = _meter.CreateCounter<long>("openadr.pushed", "{message}", "Messages pushed by VTNs, by message and outcome");
        _published = _meter.CreateCounter<long>("openadr.published", "{event}", "Envelopes, withdrawals and price series handed to the outbox");
        _replays = _meter.CreateCounter<long>("openadr.replays", "{message}", "Signed messages that were refused because they came before, or were too old, by reason");
        _meter.CreateObservableCounter("openadr.replays.elsewhere", () => nonces.Refused, "{message}", "Of them, those that another VEN had taken before");
        _latency = _meter.CreateHistogram<double>("openadr.exchange.duration", "s", "From sending a request to the last byte of the reply");
        _meter.CreateObservableGauge("openadr.vens", () => Count(_ => 1), "{ven}", "VENs");
        _meter.CreateObservableGauge("openadr.vens.registered", () => Count(v => v.State.Registration is null ? 0 : 1), "{ven}", "VENs with a registration");
        _meter.CreateObservableGauge("openadr.vens.faulted", () => Count(v => v.Faulted ? 1 : 0), "{ven}", "VENs with an internal fault; the log has it");
        _meter.CreateObservableGauge("openadr.vens.unreadable", () => _unreadable(), "{ven}", "VENs that are not run, for what is stored of them can't be read");
        _meter.CreateObservableGauge("openadr.events", () => Count(v => v.State.Events.Count), "{event}", "Events held");
        _meter.CreateObservableGauge("openadr.owed", () => Count(v => v.State.Owed.Count(o => o is not Session.PendingRequest.RequestVtnMetadata { Rides: true })), "{message}", "Messages owed to VTNs");
        _meter.CreateObservableGauge("openadr.parked", () => Count(v => v.State.Owed.Count(o => o.ParkedAt is not null)), "{message}", "Messages that VTNs did not take and that wait for a person");
        _meter.CreateObservableGauge("openadr.clock.skew", Skews, "s", "The VTN's clock that is furthest from ours, ahead of it, by its Date header");
        _meter.CreateObservableGauge("openadr.certificate.days", () => _certificates(), "d", "Days to the end of the certificate that ends first, by its use");
    }

    public void Watch(Func<IEnumerable<VenView>> vens, Func<int> unreadable, Func<IEnumerable<Measurement<double>>> certificates) =>
        (_vens, _unreadable, _certificates) = (vens, unreadable, certificates);

    public void Exchanged(VenNext.SendRequest request, ExchangeResult exchange)
    {
        var outcome = exchange.Input switch
        {
            VenInput.ReplyReceived => "ok",
            VenInput.ReplyRefused => "refused",
            VenInput.ReplyEmpty => "empty",
            VenInput.TransportFailed { Kind: var kind } => kind.ToString(),
            _ => "other",
        };
        _exchanges.Add(1, new KeyValuePair<string, object?>("message", request.Message.Name), new KeyValuePair<string, object?>("outcome", outcome));
        _latency.Record(exchange.Took.TotalSeconds);
        if (exchange.Heard && request.Message is OadrPoll)
        {
            _polls.Add(1);
        }
    }

    /// <param name="message">Its element name; null: not legible.</param>
    /// <param name="outcome">taken, refused, unknown (no VEN's), busy or unavailable.</param>
    public void Pushed(string? message, string outcome) =>
        _pushed.Add(1, new KeyValuePair<string, object?>("message", message ?? "unreadable"), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts the replays among what a VEN has just noted.</summary>
    public void Noted(IReadOnlyList<Note<NoteKind>> notes)
    {
        foreach (var replay in notes.Where(n => n.Class is ErrorClass.ReplayNonce or ErrorClass.ReplayWindow))
        {
            _replays.Add(1, new KeyValuePair<string, object?>("reason", replay.Class == ErrorClass.ReplayNonce ? "nonce" : "window"));
        }
    }

    public void Published(int count) => _published.Add(count);

    public void Dispose() => _meter.Dispose();

    private long Count(Func<VenView, int> of) => _vens().Sum(v => (long)of(v));

    // Whose VTN it is, the doctor of its VEN says: a label would name one tenant's VENs to another.
    private IEnumerable<Measurement<double>> Skews() =>
        _vens().Select(v => v.ClockSkew).OfType<NodaTime.Duration>().Select(DateHeaderSkew.Seconds).OrderByDescending(Math.Abs).Take(1).Select(s => new Measurement<double>(s));
}
