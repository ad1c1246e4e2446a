using System.Diagnostics.Metrics;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Transport;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Telemetry;

/// <summary>Warns 30, 7 and 1 days before a client certificate ends (those of IEEE 2030.5 devices mostly never do), and gives the days left as a metric.</summary>
internal sealed partial class CertificateWatch(ClientFleet fleet, ClientMetrics metrics, SteadyClock clock, TimeProvider time, ILogger<CertificateWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromHours(1);
    private static readonly int[] WarnAt = [1, 7, 30];
    private readonly Dictionary<(string Path, Instant End), int> _warned = [];
    private volatile IReadOnlyDictionary<string, Instant> _ends = new Dictionary<string, Instant>(StringComparer.Ordinal);

    /// <summary>The threshold that the days left have reached; null while there are more than 30.</summary>
    public static int? Threshold(Duration left) => WarnAt.Where(days => left < Duration.FromDays(days)).Select(d => (int?)d).FirstOrDefault();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Watch(() => fleet.Views, DaysLeft);
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(LookInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        var now = clock.GetCurrentInstant();
        var ends = new Dictionary<string, Instant>(StringComparer.Ordinal);
        foreach (var transport in fleet.Views.Select(v => v.Config.Transport).Where(t => t.ClientCertificate is not null).DistinctBy(t => t.ClientCertificate))
        {
            try
            {
                using var identity = ClientIdentity.Load(transport);
                ends[transport.ClientCertificate!] = identity.ExpiresAt!.Value;
                Warn(transport.ClientCertificate!, identity.ExpiresAt.Value, now);
            }
            catch (IdentityException e)
            {
                LogUnusable(e.Message);
            }
        }

        _ends = ends;
    }

    private IEnumerable<Measurement<double>> DaysLeft() => _ends.Select(e => new Measurement<double>(
        (e.Value - clock.GetCurrentInstant()).TotalDays, new KeyValuePair<string, object?>("certificate", e.Key)));

    /// <summary>Once per threshold, not every hour.</summary>
    private void Warn(string path, Instant end, Instant now)
    {
        if (Threshold(end - now) is { } threshold && (!_warned.TryGetValue((path, end), out var warned) || threshold < warned))
        {
            _warned[(path, end)] = threshold;
            if (end <= now)
            {
                LogEnded(path, end);
            }
            else
            {
                LogEnding(path, end, (end - now).TotalDays);
            }
        }
    }

    [LoggerMessage(EventId = 5160, Level = LogLevel.Warning, Message = "The client certificate {Path} ends at {End}, in {Days:F1} days; have a new one issued and its LFDI registered")]
    private partial void LogEnding(string path, Instant end, double days);

    [LoggerMessage(EventId = 5161, Level = LogLevel.Error, Message = "ALARM The client certificate {Path} ended at {End}; nothing is sent until a new one lies in its place")]
    private partial void LogEnded(string path, Instant end);

    [LoggerMessage(EventId = 5162, Level = LogLevel.Error, Message = "ALARM {Problem}")]
    private partial void LogUnusable(string problem);
}
