using System.Diagnostics.Metrics;
using GridServices.Hosting;
using GridServices.UtilityClients.Engine;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>The client certificates that a service uses.</summary>
/// <param name="InUse">The files of all engines.</param>
/// <param name="Rules">What the protocol asks of them.</param>
/// <param name="Remedy">What to do before one ends: "put a new one in its place".</param>
public sealed record WatchedCertificates(Func<IEnumerable<CertificatePaths>> InUse, CertificateFileRules Rules, string Remedy);

/// <summary>Warns 30, 7 and 1 days before a client certificate ends, and gives the days left as a metric.</summary>
public sealed partial class CertificateExpiryMonitor(WatchedCertificates watched, EngineDependencies with, ILogger<CertificateExpiryMonitor> log) : IRecurringJob
{
    private static readonly int[] WarnAt = [1, 7, 30];
    private readonly Dictionary<(string Path, Instant End), int> _warned = [];
    private volatile IReadOnlyDictionary<string, Instant> _ends = new Dictionary<string, Instant>(StringComparer.Ordinal);

    /// <summary>The threshold that the days left have reached; null while there are more than 30.</summary>
    public static int? Threshold(Duration left) => WarnAt.Where(days => left < Duration.FromDays(days)).Select(d => (int?)d).FirstOrDefault();

    /// <summary>Days to the end of each certificate, as of the last look.</summary>
    public IEnumerable<Measurement<double>> DaysLeft() => _ends.Select(e => new Measurement<double>(
        (e.Value - with.Clock.GetCurrentInstant()).TotalDays, new KeyValuePair<string, object?>("certificate", e.Key)));

    /// <summary>Reads the files now.</summary>
    internal void Look()
    {
        var now = with.Clock.GetCurrentInstant();
        var ends = new Dictionary<string, Instant>(StringComparer.Ordinal);
        foreach (var paths in watched.InUse().Where(p => p.ClientCertificate is not null).DistinctBy(p => p.ClientCertificate))
        {
            try
            {
                using var files = ClientCertificateFiles.Load(paths, watched.Rules);
                ends[paths.ClientCertificate!] = files.ExpiresAt!.Value;
                Warn(paths.ClientCertificate!, files.ExpiresAt.Value, now);
            }
            catch (CertificateFileException e)
            {
                LogUnusable(e.Message);
            }
        }

        _ends = ends;
    }

    public Task RunAsync(CancellationToken ct)
    {
        Look();
        return Task.CompletedTask;
    }

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
                LogEnding(path, end, (end - now).TotalDays, watched.Remedy);
            }
        }
    }

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorEnding, Level = LogLevel.Warning, Message = "The client certificate {Path} ends at {End}, in {Days:F1} days; {Remedy}")]
    private partial void LogEnding(string path, Instant end, double days, string remedy);

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorEnded, Level = LogLevel.Error, Message = "ALARM The client certificate {Path} ended at {End}; nothing is sent until a new one is in its place")]
    private partial void LogEnded(string path, Instant end);

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorUnusable, Level = LogLevel.Error, Message = "ALARM {Problem}")]
    private partial void LogUnusable(string problem);
}
