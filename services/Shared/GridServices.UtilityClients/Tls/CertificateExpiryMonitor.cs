using System.Diagnostics.Metrics;
using GridServices.Hosting;
using GridServices.UtilityClients.Engine;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>The certificates that a service uses: its engines', its listener's, and those of the utilities it trusts.</summary>
/// <param name="InUse">Those of now; the same file may be among them more than once.</param>
public sealed record WatchedCertificates(Func<IEnumerable<WatchedCertificate>> InUse);

/// <summary>Warns 30, 7 and 1 days before a certificate ends, and gives the days left as a metric.</summary>
public sealed partial class CertificateExpiryMonitor(WatchedCertificates watched, EngineDependencies dependencies, ILogger<CertificateExpiryMonitor> log) : IRecurringJob
{
    private static readonly int[] WarnAt = [1, 7, 30];
    private readonly Dictionary<(string Use, string Path, Instant End), int> _warned = [];
    private volatile IReadOnlyDictionary<string, Instant> _ends = new Dictionary<string, Instant>(StringComparer.Ordinal);

    /// <summary>The threshold that the days left have reached; null while there are more than 30.</summary>
    public static int? Threshold(Duration left) => WarnAt.Where(days => left < Duration.FromDays(days)).Select(d => (int?)d).FirstOrDefault();

    /// <summary>Days to the end of the certificate of each use that ends first, as of the last look.</summary>
    public IEnumerable<Measurement<double>> DaysLeft() => _ends.Select(e => new Measurement<double>(
        (e.Value - dependencies.Clock.GetCurrentInstant()).TotalDays, new KeyValuePair<string, object?>("use", e.Key)));

    /// <summary>Reads the files now.</summary>
    internal void Check()
    {
        var now = dependencies.Clock.GetCurrentInstant();
        var ends = new Dictionary<string, Instant>(StringComparer.Ordinal);
        foreach (var certificate in watched.InUse().DistinctBy(w => (w.Use, w.Path)))
        {
            try
            {
                var end = certificate.EndAt(now);
                ends[certificate.Use] = ends.TryGetValue(certificate.Use, out var first) ? Instant.Min(first, end) : end;
                Warn(certificate, end, now);
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
        Check();
        return Task.CompletedTask;
    }

    /// <summary>Once per threshold, not every hour.</summary>
    private void Warn(WatchedCertificate certificate, Instant end, Instant now)
    {
        var key = (certificate.Use, certificate.Path, end);

        // A file read while its end was still ahead is told of once more when it has come.
        var threshold = end <= now ? 0 : Threshold(end - now);
        if (threshold is { } reached && (!_warned.TryGetValue(key, out var warned) || reached < warned))
        {
            _warned[key] = reached;
            if (end <= now)
            {
                LogEnded(certificate.Use, certificate.Path, end, certificate.Consequence);
            }
            else
            {
                LogEnding(certificate.Use, certificate.Path, end, (end - now).TotalDays, certificate.Remedy);
            }
        }
    }

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorEnding, Level = LogLevel.Warning, Message = "The {Use} {Path} ends at {End}, in {Days:F1} days; {Remedy}")]
    private partial void LogEnding(string use, string path, Instant end, double days, string remedy);

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorEnded, Level = LogLevel.Error, Message = "ALARM The {Use} {Path} ended at {End}; {Consequence}")]
    private partial void LogEnded(string use, string path, Instant end, string consequence);

    [LoggerMessage(EventId = EventIds.CertificateExpiryMonitorUnusable, Level = LogLevel.Error, Message = "ALARM {Problem}")]
    private partial void LogUnusable(string problem);
}
