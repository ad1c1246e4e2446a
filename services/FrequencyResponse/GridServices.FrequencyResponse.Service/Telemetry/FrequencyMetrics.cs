using System.Diagnostics.Metrics;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Telemetry;

/// <summary>What the service counts. The hot path counts in plain fields; they are read here when somebody asks.</summary>
internal sealed class FrequencyMetrics : IDisposable
{
    public const string MeterName = "GridServices.FrequencyResponse";
    private const double SilentSeconds = 10;
    private readonly Meter _meter;
    private readonly Histogram<double> _dispatch;
    private readonly Counter<long> _activations;

    public FrequencyMetrics(PoolTable table, PoolHost host, ContractAlarms alarms, IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _dispatch = _meter.CreateHistogram<double>("frequency.dispatch.duration", "s", "From the arrival of a sample to the last set-point sent");
        _activations = _meter.CreateCounter<long>("frequency.activations", "{activation}", "Activations begun");
        _meter.CreateObservableGauge("frequency.contracts", () => table.All.Sum(p => p.Spec.Contracts.Count), "{contract}", "Contracts that run");
        _meter.CreateObservableGauge("frequency.contracts.alarmed", alarms.Count, "{contract}", "Contracts that are to be looked at by a person: a limited reservoir, or a plan that may be nowhere");
        _meter.CreateObservableCounter("frequency.samples", () => Sources(host, v => v.Received), "{sample}", "Samples handed to the pools");
        _meter.CreateObservableCounter("frequency.frames.refused", () => Sources(host, v => v.Refused + v.Foreign), "{frame}", "Frames that were no samples, or somebody else's");
        _meter.CreateObservableGauge("frequency.source.age", () => Ages(host), "s", "Since the last sample of a source, valid or not; a source without any has no number");
        _meter.CreateObservableGauge("frequency.sources.silent", () => Views(host).Count(s => s.View.AgeSeconds is null or > SilentSeconds), "{source}",
            "Sources without a sample for more than ten seconds, or since the start");
        _meter.CreateObservableCounter("frequency.unrecorded", () => Pools(table, p => p.Ring.Dropped), "{turn}", "Turns that the recorder was too slow for");
        _meter.CreateObservableCounter("frequency.decisions", () => Pools(table, p => p.Sequence), "{decision}", "Set-points decided and sent");
    }

    public void Recorded(in HotRecord record)
    {
        if (record is { HasSample: true, SentNanos: > 0 })
        {
            _dispatch.Record((record.SentNanos - record.Sample.ReceivedNanos) / 1e9);
        }
    }

    public void Activated() => _activations.Add(1);

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Pools(PoolTable table, Func<Pool, long> of) =>
        table.All.Select(p => new Measurement<long>(of(p), new KeyValuePair<string, object?>("pool", p.Spec.Id.ToString())));

    private static IEnumerable<Measurement<long>> Sources(PoolHost host, Func<Sources.SourceView, long> of) =>
        Views(host).Select(s => new Measurement<long>(of(s.View), new KeyValuePair<string, object?>("source", s.Source)));

    private static IEnumerable<Measurement<double>> Ages(PoolHost host) => Views(host).Where(s => s.View.AgeSeconds is not null)
        .Select(s => new Measurement<double>(s.View.AgeSeconds!.Value, new KeyValuePair<string, object?>("source", s.Source)));

    private static IEnumerable<(string Source, Sources.SourceView View)> Views(PoolHost host) =>
        host.Entries.Sources.Keys.Select(id => (id, Reader: host.Source(id))).Where(s => s.Reader is not null).Select(s => (s.id.ToString(), s.Reader!.View()));
}
