using System.Diagnostics.Metrics;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GridServices.Hosting.Probes;

/// <summary>Readiness as a metric: an alarm needs no request of its own. There is no sample before the first look, so that unknown never reads as ready.</summary>
internal sealed class ReadinessGauge : BackgroundService, IRunsInStandby
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WhileStandby = TimeSpan.FromSeconds(1);
    private readonly HealthCheckService _health;
    private readonly Standby _standby;
    private readonly TimeProvider _time;
    private volatile IReadOnlyDictionary<string, bool>? _checks;

    public ReadinessGauge(HealthCheckService health, Standby standby, TimeProvider time, IMeterFactory meters)
    {
        (_health, _standby, _time) = (health, standby, time);
        var meter = meters.Create("GridServices.Health");
        meter.CreateObservableGauge("service.ready", Ready, description: "1 while the service takes work, 0 while a check of /health/ready fails.");
        meter.CreateObservableGauge("service.check.ok", Checks, description: "1 for each check of /health/ready that holds, 0 for one that fails.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // As /health/ready: what a stand-by does not run is not asked.
            var waits = _standby.WaitsFor is not null;
            _checks = waits ? new Dictionary<string, bool>(StringComparer.Ordinal) { ["store"] = false } : await ReadChecksAsync(stoppingToken);
            await SharedTick.DelayAsync(_time, waits ? WhileStandby : Every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyDictionary<string, bool>> ReadChecksAsync(CancellationToken ct) =>
        (await _health.CheckHealthAsync(ct)).Entries.ToDictionary(e => e.Key, e => e.Value.Status != HealthStatus.Unhealthy, StringComparer.Ordinal);

    private IEnumerable<Measurement<int>> Ready() => _checks is { } checks ? [new Measurement<int>(checks.Values.All(ok => ok) ? 1 : 0)] : [];

    private IEnumerable<Measurement<int>> Checks() =>
        (_checks ?? new Dictionary<string, bool>(StringComparer.Ordinal)).Select(check => new Measurement<int>(check.Value ? 1 : 0, new KeyValuePair<string, object?>("check", check.Key)));
}
