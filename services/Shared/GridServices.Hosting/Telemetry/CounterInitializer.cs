using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace GridServices.Hosting.Telemetry;

/// <summary>Adds 0 to every counter of ours when it comes up: an alarm on a counter that is absent until its first failure misses that failure.</summary>
internal sealed class CounterInitializer : IHostedService, IDisposable
{
    private readonly MeterListener _listener = new() { InstrumentPublished = (instrument, _) => Begin(instrument) };

    /// <summary>After the provider that exports: what it does not yet listen to would lose the 0.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private static void Begin(Instrument instrument)
    {
        if (!instrument.Meter.Name.StartsWith("GridServices.", StringComparison.Ordinal))
        {
            return;
        }

        switch (instrument)
        {
            case Counter<long> counter: counter.Add(0); break;
            case Counter<int> counter: counter.Add(0); break;
            case Counter<double> counter: counter.Add(0); break;
            default: break;
        }
    }
}
